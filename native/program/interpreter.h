// Runs a validated program over chunks of points × lanes. Instructions are decoded once; a chunk
// costs one indirect call per instruction, and its temporaries stay in the first-level cache.
#pragma once

#include "program/operations.h"

namespace {

using nadir::Program;

// Hands out aligned pieces of one block of memory; with a null start it only measures.
struct Arena {
  char* at;
  template <class T>
  T* take(int64_t count) {
    constexpr uintptr_t alignment = 64;
    at = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(at) + alignment - 1) & ~(alignment - 1));
    T* const piece = reinterpret_cast<T*>(at);
    at += count * static_cast<int64_t>(sizeof(T));
    return piece;
  }
};

// Bytes that the temporaries of one chunk may take: half of a 48 KiB first-level cache, the other
// half is left to the data columns.
constexpr int chunkBytes = 24 * 1024;

// Points per chunk for `points` points when each takes `vectors` vectors: whole blocks of 128 are
// split into equal parts.
static int chunkPoints(int64_t points, int vectors) {
  const int64_t most = chunkBytes / (static_cast<int64_t>(sizeof(F64)) * (vectors > 0 ? vectors : 1));
  const int block = points < 128 ? static_cast<int>(points > 0 ? points : 1) : 128;
  const int limit = most < 8 ? 8 : most < block ? static_cast<int>(most) : block;
  const int parts = (block + limit - 1) / limit;
  return (block + parts - 1) / parts;
}

struct Interpreter {
  const Program* program;
  // Points that a chunk may hold.
  int chunk;
  // Fit slots: parameters, constants, results of the fit section.
  F64* fit;
  // Point slots, `chunk` vectors each.
  F64* point;
  // For every data slot the vectors of the chunk at hand.
  const F64** data;
  // Targets of the data section: derived data slots, from slot `predictors` on.
  F64** derived;
  Instruction* instructions;
  // Operands that are data columns: they move from chunk to chunk.
  struct DataOperand {
    const F64** pointer;
    int slot;
  };
  DataOperand* dataOperands;
  int dataOperandCount;

  void layout(Arena& arena) {
    const Program& p = *program;
    const int total = p.dataInstructions + p.fitInstructions + p.pointInstructions;
    fit = arena.take<F64>(p.fitSlots);
    point = arena.take<F64>(static_cast<int64_t>(p.pointSlots) * chunk);
    data = arena.take<const F64*>(p.dataSlots);
    derived = arena.take<F64*>(p.dataSlots);
    instructions = arena.take<Instruction>(total);
    dataOperands = arena.take<DataOperand>(3 * static_cast<int64_t>(total));
  }

  // Decodes the program; `layout` has been called on real memory.
  void decode() {
    const Program& p = *program;
    for (int k = 0; k < p.fitSlots; k++) fit[k] = splat(0);
    for (int k = 0; k < p.constantCount; k++) fit[p.params + k] = splat(p.constants[k]);
    dataOperandCount = 0;
    const int dataEnd = p.dataInstructions, fitEnd = dataEnd + p.fitInstructions;
    const int end = fitEnd + p.pointInstructions;
    for (int i = 0; i < end; i++) {
      const int32_t* const words = p.code + static_cast<int64_t>(i) * nadir::instructionWords;
      Instruction& instruction = instructions[i];
      const F64** const operands[3] = {&instruction.a, &instruction.b, &instruction.c};
      int varies = 0;
      for (int k = 0; k < 3; k++) {
        *operands[k] = fit;
        if (words[2 + k] < 0) continue;
        if (variesOverPoints(words[2 + k])) varies |= 1 << k;
        *operands[k] = locate(words[2 + k], operands[k]);
      }
      instruction.run = runFor(words[0], varies);
      // Derived data columns are placed when a chunk is entered.
      instruction.target = i < dataEnd ? nullptr : i < fitEnd ? fit + words[1]
                         : point + static_cast<int64_t>(words[1]) * chunk;
    }
  }

  static bool variesOverPoints(int32_t operand) { return nadir::fileOf(operand) != nadir::fitFile; }

  // The fit section, from the parameters `x`.
  void computeFit(const F64* x) {
    const Program& p = *program;
    for (int k = 0; k < p.params; k++) fit[k] = x[k];
    for (int i = p.dataInstructions, end = i + p.fitInstructions; i < end; i++)
      instructions[i].run(instructions[i], 1);
  }

  // Points the data operands at `data`; call after changing it.
  void enterChunk() {
    for (int i = 0; i < dataOperandCount; i++)
      *dataOperands[i].pointer = data[dataOperands[i].slot];
  }

  // The data section for the chunk at hand, into `derived`.
  void computeData(int points) {
    const Program& p = *program;
    for (int i = 0; i < p.dataInstructions; i++) {
      Instruction& instruction = instructions[i];
      instruction.target = derived[p.code[static_cast<int64_t>(i) * nadir::instructionWords + 1]];
      instruction.run(instruction, points);
    }
  }

  // The point section for the chunk at hand.
  void computePoints(int points) const {
    const Program& p = *program;
    const Instruction* instruction = instructions + p.dataInstructions + p.fitInstructions;
    for (const Instruction* const end = instruction + p.pointInstructions; instruction < end; instruction++)
      instruction->run(*instruction, points);
  }

  // Where an operand's vectors stand for the chunk at hand.
  const F64* at(int32_t operand) const {
    const int slot = nadir::slotOf(operand);
    switch (nadir::fileOf(operand)) {
      case nadir::fitFile: return fit + slot;
      case nadir::dataFile: return data[slot];
      default: return point + static_cast<int64_t>(slot) * chunk;
    }
  }

 private:
  const F64* locate(int32_t operand, const F64** pointer) {
    const int slot = nadir::slotOf(operand);
    switch (nadir::fileOf(operand)) {
      case nadir::fitFile: return fit + slot;
      case nadir::dataFile:
        dataOperands[dataOperandCount++] = {pointer, slot};
        return nullptr;
      default: return point + static_cast<int64_t>(slot) * chunk;
    }
  }
};

}  // namespace
