#include "storage/codec/group_error.hpp"

namespace payloom::storage {

std::string_view describe(group_fault fault) {
  switch (fault) {
    case group_fault::none:
      return "no fault";
    case group_fault::too_short:
      return "bytes are missing";
    case group_fault::misaligned:
      return "buffer is misaligned";
    case group_fault::bad_magic:
      return "no group starts here";
    case group_fault::bad_length:
      return "length out of bounds";
    case group_fault::bad_checksum:
      return "checksum mismatch";
    case group_fault::newer_version:
      return "written by a newer program";
    case group_fault::unknown_flag:
      return "unknown flag";
    case group_fault::bad_counts:
      return "counts contradict the length";
    case group_fault::bad_run_kind:
      return "unknown kind of run";
    case group_fault::bad_run_size:
      return "size of a run is wrong";
    case group_fault::bad_run_context:
      return "context of a run does not exist";
    case group_fault::reserved_not_zero:
      return "reserved field is set";
    case group_fault::bad_sequence:
      return "sequence or time out of bounds";
  }
  return "unknown fault";
}

}  // namespace payloom::storage
