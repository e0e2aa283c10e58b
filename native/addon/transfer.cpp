#include "addon/transfer.h"

#include <string.h>

namespace nadir {
namespace {

// Of the caller's arrays together: fits may begin when this much has come, not a whole slice.
constexpr size_t rangeBytes = size_t{256} << 10;

size_t firstElement(const Part& part, const FitBatch& batch, int64_t fit) noexcept {
  if (part.isForAll) return fit == 0 ? 0 : part.length;
  return part.isRagged ? batch.offsets[fit] : part.width * static_cast<size_t>(fit);
}

// The next range of fits whose rows are wanted; empty at the end.
void advance(Transfer& transfer, int64_t fits, const uint8_t* status) noexcept {
  const auto isWanted = [status](int64_t fit) {
    return status == nullptr || status[fit] != untouched;
  };
  int64_t& begin = transfer.begin;
  begin = transfer.end;
  while (begin < fits && !isWanted(begin)) begin++;
  const int64_t limit = fits - begin < transfer.most ? fits : begin + transfer.most;
  int64_t end = begin;
  while (end < limit && isWanted(end)) end++;
  transfer.end = end;
  transfer.next = 0;
  transfer.copied = 0;
}

}  // namespace

void Transfer::start(Direction way, const FitBatch& batch) noexcept {
  size_t bytes = 0;
  for (int i = 0; i < count; i++)
    if (!parts[i].isForAll) bytes += parts[i].bytes();
  const int64_t ranges = static_cast<int64_t>(bytes / rangeBytes) + 1;
  direction = way;
  most = (batch.fits + ranges - 1) / ranges;
  begin = end = 0;
  next = count;
}

bool Transfer::copy(const FitBatch& batch, const uint8_t* status) noexcept {
  size_t budget = sliceBytes;
  for (;;) {
    if (next == count) {
      if (end == batch.fits) return false;
      advance(*this, batch.fits, status);
      if (begin == end) return false;
    }
    for (; next < count; next++, copied = 0) {
      const Part& part = parts[next];
      const size_t first = firstElement(part, batch, begin) + copied;
      const size_t last = part.isForAll ? part.length : firstElement(part, batch, end);
      if (first >= last) continue;
      const size_t room = budget / part.elementSize;
      const size_t elements = last - first < room ? last - first : room;
      char* const own = part.own + first * part.elementSize;
      char* const theirs = part.theirs + first * part.elementSize;
      const size_t bytes = elements * part.elementSize;
      if (direction == Direction::in) memcpy(own, theirs, bytes);
      else memcpy(theirs, own, bytes);
      budget -= bytes;
      copied += elements;
      if (first + elements < last) return true;
    }
  }
}

bool Transfer::open(napi_env env, Fault& fault) noexcept {
  for (int i = 0; i < count; i++) {
    Part& part = parts[i];
    const char* const name = argumentName(part.position);
    napi_value value;
    Array array;
    if (napi_get_reference_value(env, part.array, &value) != napi_ok ||
        !readArray(env, value, name, argumentElements(part.position), part.length, array, fault))
      return fault.range("ERR_DETACHED", "%s: detached or resized while the fits were running",
                         name);
    part.theirs = static_cast<char*>(array.data);
  }
  return true;
}

void Transfer::dropReferences(napi_env env) noexcept {
  for (int i = 0; i < count; i++) {
    if (parts[i].array != nullptr) napi_delete_reference(env, parts[i].array);
    parts[i].array = nullptr;
  }
}

}  // namespace nadir
