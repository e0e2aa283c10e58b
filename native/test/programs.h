// Programs for the tests of the core: a decay by hand, and random ones that are valid.
#pragma once

#include <vector>

#include "program/program.h"
#include "test/check.h"

namespace nadir::test {

// Owns what a Program borrows.
struct ProgramText {
  std::vector<int32_t> words;
  std::vector<double> constants;

  const char* read(Program& program) const {
    static std::vector<uint8_t> scratch(readProgramScratch);
    return readProgram(words.data(), words.size(), constants.data(), constants.size(),
                       scratch.data(), program);
  }
};

constexpr int32_t operandOf(int file, int slot) { return slot * 4 + file; }

// a·exp(−b·x) + c with its three derivatives.
inline ProgramText decay() {
  const int32_t a = operandOf(fitFile, 0), b = operandOf(fitFile, 1), c = operandOf(fitFile, 2);
  const int32_t one = operandOf(fitFile, 3), x = operandOf(dataFile, 0);
  const int32_t t = operandOf(pointFile, 0), ae = operandOf(pointFile, 1);
  const int32_t f = operandOf(pointFile, 2), db = operandOf(pointFile, 3);
  return {{programMagic, 1, 3, 1, 0, 0, 7, 1, 4, 4, f, 3,  //
           0, 1, 2, t, db, one,                            //
           mulOp, 0, b, x, noOperand,                      //
           negOp, 0, t, noOperand, noOperand,              //
           expOp, 0, t, noOperand, noOperand,              //
           mulOp, 1, a, t, noOperand,                      //
           addOp, 2, ae, c, noOperand,                     //
           mulOp, 3, x, ae, noOperand,                     //
           negOp, 3, db, noOperand, noOperand},
          {1.0}};
}

// A valid program of random instructions; its columns are no derivatives of its value.
inline ProgramText randomProgram(Random& random) {
  const int predictors = 1 + random.below(3), params = 1 + random.below(5);
  const int constantCount = random.below(4);
  const int counts[3] = {random.below(5), random.below(5), 1 + random.below(24)};
  const int pointSlots = 1 + random.below(counts[2]);
  ProgramText text;
  for (int i = 0; i < constantCount; i++) text.constants.push_back(random.uniform(-4, 4));

  std::vector<int32_t> fit, data, point, code;
  for (int slot = 0; slot < params + constantCount; slot++) fit.push_back(operandOf(fitFile, slot));
  for (int slot = 0; slot < predictors; slot++) data.push_back(operandOf(dataFile, slot));
  const std::vector<int32_t> constants(fit.begin() + params, fit.end());
  const auto any = [&](std::initializer_list<const std::vector<int32_t>*> files) {
    size_t total = 0;
    for (const auto* file : files) total += file->size();
    size_t at = random.next() % total;
    for (const auto* file : files) {
      if (at < file->size()) return (*file)[at];
      at -= file->size();
    }
    return noOperand;
  };
  const auto instruction = [&](int32_t target, std::initializer_list<const std::vector<int32_t>*> files) {
    const int op = random.below(opCount);
    code.insert(code.end(), {op, target});
    for (int k = 0; k < 3; k++) code.push_back(k < opArity[op] ? any(files) : noOperand);
  };
  for (int i = 0; i < counts[0]; i++) {
    instruction(static_cast<int32_t>(data.size()), {&data, &constants});
    data.push_back(operandOf(dataFile, static_cast<int>(data.size())));
  }
  for (int i = 0; i < counts[1]; i++) {
    instruction(static_cast<int32_t>(fit.size()), {&fit});
    fit.push_back(operandOf(fitFile, static_cast<int>(fit.size())));
  }
  for (int i = 0; i < counts[2]; i++) {
    const int slot = random.below(pointSlots);
    instruction(slot, {&fit, &data, &point});
    const int32_t written = operandOf(pointFile, slot);
    bool isNew = true;
    for (const int32_t known : point) isNew = isNew && known != written;
    if (isNew) point.push_back(written);
  }

  std::vector<int32_t> varying, jacobian;
  for (int param = 0; param < params; param++) {
    if (random.below(4) == 0) continue;
    varying.push_back(param);
    jacobian.push_back(any({&fit, &data, &point}));
  }
  text.words = {programMagic, predictors, params, constantCount, counts[0], counts[1], counts[2],
                static_cast<int32_t>(data.size()), static_cast<int32_t>(fit.size()), pointSlots,
                any({&point}), static_cast<int32_t>(varying.size())};
  for (const auto* list : {&varying, &jacobian, &code})
    text.words.insert(text.words.end(), list->begin(), list->end());
  return text;
}

}  // namespace nadir::test
