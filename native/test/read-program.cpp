// readProgram must take any bytes: valid programs are read, and of what is malformed nothing gets
// through that an engine could not run. Worth most under AddressSanitizer.
#include "test/programs.h"

namespace nadir::test {
namespace {

// The promises that the interpreter relies on, checked in another way than readProgram does.
bool isRunnable(const Program& p) {
  const int slots[3] = {p.fitSlots, p.dataSlots, p.pointSlots};
  const auto exists = [&](int32_t operand) {
    return operand >= 0 && fileOf(operand) <= pointFile && slotOf(operand) < slots[fileOf(operand)];
  };
  const int total = p.dataInstructions + p.fitInstructions + p.pointInstructions;
  for (int i = 0; i < total; i++) {
    const int32_t* at = p.code + i * instructionWords;
    if (at[0] < 0 || at[0] >= opCount) return false;
    const int file = i < p.dataInstructions ? dataFile
                     : i < p.dataInstructions + p.fitInstructions ? fitFile
                                                                  : pointFile;
    if (at[1] < 0 || at[1] >= slots[file]) return false;
    for (int k = 0; k < opArity[at[0]]; k++)
      if (!exists(at[2 + k])) return false;
  }
  for (int j = 0; j < p.columns; j++)
    if (!exists(p.jacobian[j]) || p.varying[j] < 0 || p.varying[j] >= p.params) return false;
  return exists(p.value);
}

void refuses(ProgramText text, size_t word, int32_t value, const char* because) {
  text.words[word] = value;
  Program program;
  const char* const fault = text.read(program);
  NADIR_CHECK(fault != nullptr);
  if (fault == nullptr) return;
  NADIR_CHECK(strcmp(fault, because) == 0);
  if (strcmp(fault, because) != 0) printf("  word %zu = %d: %s\n", word, value, fault);
}

}  // namespace

void testReadProgram() {
  Program program;
  const ProgramText good = decay();
  NADIR_CHECK(good.read(program) == nullptr);
  NADIR_CHECK(program.params == 3 && program.columns == 3 && program.pointInstructions == 7);
  NADIR_CHECK(program.constants[0] == 1.0 && program.varying[2] == 2);

  refuses(good, 0, 0, "does not begin with the magic number");
  refuses(good, 1, maxPredictors + 1, "number of predictors out of range");
  refuses(good, 1, 2, "fewer data slots than predictors");
  refuses(good, 2, -1, "number of parameters out of range");
  refuses(good, 3, 2, "number of constants does not match");
  refuses(good, 6, 8, "length does not match its header");
  refuses(good, 6, INT32_MAX, "number of instructions out of range");
  refuses(good, 8, 3, "fewer fit slots than parameters and constants");
  refuses(good, 9, maxSlots + 1, "number of slots out of range");
  refuses(good, 9, 3, "target slot out of range");
  refuses(good, 10, operandOf(pointFile, 9), "value is never computed");
  refuses(good, 10, 3, "value is never computed");
  refuses(good, 11, 4, "number of columns out of range");
  refuses(good, 12, 1, "columns not in ascending order");
  refuses(good, 14, 3, "column of a parameter that does not exist");
  refuses(good, 15, operandOf(pointFile, 5), "a column is never computed");
  refuses(good, 18, opCount, "unknown operation");
  refuses(good, 18, -1, "unknown operation");
  refuses(good, 19, 4, "target slot out of range");
  refuses(good, 20, operandOf(pointFile, 3), "operand of an instruction is not valid");
  refuses(good, 20, -5, "operand of an instruction is not valid");
  refuses(good, 22, 0, "operand of an instruction is not valid");

  for (size_t length = 0; length < good.words.size(); length++) {
    // Memory of exactly this length, so that a read beyond it is seen.
    const std::vector<int32_t> cut(good.words.begin(), good.words.begin() + static_cast<long>(length));
    NADIR_CHECK((ProgramText{cut, good.constants}.read(program) != nullptr));
  }

  Random random = {1};
  long accepted = 0;
  for (int trial = 0; trial < 200000 / divisor; trial++) {
    ProgramText text = trial % 4 == 0 ? good : randomProgram(random);
    NADIR_CHECK(text.read(program) == nullptr && isRunnable(program));
    const int changes = 1 + random.below(3);
    for (int i = 0; i < changes; i++) {
      int32_t& word = text.words[random.next() % text.words.size()];
      const int32_t near = static_cast<int32_t>(static_cast<uint32_t>(word) + random.below(9) - 4);
      const int32_t far[] = {INT32_MIN, INT32_MAX, -1, 0, static_cast<int32_t>(random.next())};
      word = random.below(2) == 0 ? near : far[random.below(5)];
    }
    if (random.below(8) == 0) text.words.resize(random.next() % (text.words.size() + 8));
    if (text.read(program) == nullptr) {
      accepted++;
      NADIR_CHECK(isRunnable(program));
    }
  }
  // Some changes leave a program valid; if none or all did, the changes would test nothing.
  NADIR_CHECK(accepted > 1000 / divisor && accepted < 150000 / divisor);
}

}  // namespace nadir::test
