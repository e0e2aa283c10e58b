// The flat form of a compiled model, as borrowed memory, and its validator. The format is described
// in src/model/program.ts, whose validator this is the twin of: any bytes are safe to hand to it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "program/ops.h"

namespace nadir {

// Borrowed numbers, double or single precision.
struct Column {
  const void* data;
  bool isSingle;
};

constexpr int fitFile = 0, dataFile = 1, pointFile = 2;
constexpr int noOperand = -1;
constexpr int instructionWords = 5;
constexpr int32_t programMagic = 0x6e616431;
constexpr int headerWords = 12;

constexpr int maxPredictors = 64, maxParams = 256, maxColumns = 64, maxConstants = 16384,
              maxSlots = 32768, maxInstructions = 65536;

struct Program {
  int predictors, params, constantCount;
  int dataInstructions, fitInstructions, pointInstructions;
  int dataSlots, fitSlots, pointSlots;
  int32_t value;
  int columns;
  const int32_t* varying;
  const int32_t* jacobian;
  const int32_t* code;
  const double* constants;
};

// Functions have internal linkage: this header is compiled for several instruction sets.
static constexpr int fileOf(int32_t operand) { return operand & 3; }
static constexpr int slotOf(int32_t operand) { return operand >> 2; }

// Bytes of scratch that readProgram needs, never more than this.
constexpr size_t readProgramScratch = 3 * static_cast<size_t>(maxSlots);

namespace {

constexpr bool within(int32_t n, int32_t max) { return n >= 0 && n <= max; }

// Fills `program` with views of `words` and `constants`. Returns null, or the first fault.
// `scratch` holds readProgramScratch bytes.
inline const char* readProgram(const int32_t* words, size_t wordCount, const double* constants,
                               size_t constantCount, uint8_t* scratch, Program& program) {
  if (wordCount < headerWords) return "shorter than its header";
  if (words[0] != programMagic) return "does not begin with the magic number";
  Program p = {words[1], words[2], words[3], words[4], words[5], words[6],    words[7],  words[8],
               words[9], words[10], words[11], nullptr,  nullptr,  nullptr, constants};
  if (!within(p.predictors, maxPredictors)) return "number of predictors out of range";
  if (!within(p.params, maxParams)) return "number of parameters out of range";
  if (!within(p.columns, maxColumns) || p.columns > p.params)
    return "number of columns out of range";
  if (!within(p.constantCount, maxConstants) ||
      static_cast<size_t>(p.constantCount) != constantCount)
    return "number of constants does not match";
  if (!within(p.dataInstructions, maxInstructions) || !within(p.fitInstructions, maxInstructions) ||
      !within(p.pointInstructions, maxInstructions))
    return "number of instructions out of range";
  if (!within(p.dataSlots, maxSlots) || !within(p.fitSlots, maxSlots) ||
      !within(p.pointSlots, maxSlots))
    return "number of slots out of range";
  if (p.dataSlots < p.predictors) return "fewer data slots than predictors";
  if (p.fitSlots < p.params + p.constantCount)
    return "fewer fit slots than parameters and constants";
  const size_t codeStart = headerWords + 2 * static_cast<size_t>(p.columns);
  const int counts[3] = {p.dataInstructions, p.fitInstructions, p.pointInstructions};
  if (wordCount != codeStart + instructionWords * (static_cast<size_t>(counts[0]) + counts[1] + counts[2]))
    return "length does not match its header";
  p.varying = words + headerWords;
  p.jacobian = p.varying + p.columns;
  p.code = words + codeStart;
  for (int j = 0; j < p.columns; j++) {
    if (!within(p.varying[j], p.params - 1)) return "column of a parameter that does not exist";
    if (j > 0 && p.varying[j] <= p.varying[j - 1]) return "columns not in ascending order";
  }

  uint8_t* const written[3] = {scratch, scratch + maxSlots, scratch + 2 * maxSlots};
  const int slots[3] = {p.fitSlots, p.dataSlots, p.pointSlots};
  const int constantsEnd = p.params + p.constantCount;
  for (int slot = 0; slot < p.fitSlots; slot++) written[fitFile][slot] = slot < constantsEnd;
  for (int slot = 0; slot < p.dataSlots; slot++) written[dataFile][slot] = slot < p.predictors;
  for (int slot = 0; slot < p.pointSlots; slot++) written[pointFile][slot] = 0;
  const auto readable = [&](int32_t operand, int section) {
    if (operand < 0) return false;
    const int file = fileOf(operand), slot = slotOf(operand);
    if (file > pointFile || slot >= slots[file] || !written[file][slot]) return false;
    if (section == fitFile) return file == fitFile;
    if (section == dataFile)
      return file == dataFile || (file == fitFile && slot >= p.params && slot < constantsEnd);
    return true;
  };
  constexpr int order[3] = {dataFile, fitFile, pointFile};
  const int32_t* at = p.code;
  for (int s = 0; s < 3; s++) {
    const int section = order[s];
    for (int i = 0; i < counts[s]; i++, at += instructionWords) {
      if (!within(at[0], opCount - 1)) return "unknown operation";
      for (int k = 0; k < 3; k++)
        if (k < opArity[at[0]] ? !readable(at[2 + k], section) : at[2 + k] != noOperand)
          return "operand of an instruction is not valid";
      const int target = at[1];
      if (!within(target, slots[section] - 1)) return "target slot out of range";
      if (section != pointFile && written[section][target]) return "slot written twice";
      written[section][target] = 1;
    }
  }
  if (!readable(p.value, pointFile)) return "value is never computed";
  for (int j = 0; j < p.columns; j++)
    if (!readable(p.jacobian[j], pointFile)) return "a column is never computed";
  program = p;
  return nullptr;
}

}  // namespace
}  // namespace nadir
