#include "protocol/net/write_batch.hpp"

#include <cstring>

namespace payloom::net {

bool write_batch::add_bytes(std::span<const std::byte> bytes) {
  if (used_ + bytes.size() > scratch_bytes) return false;
  std::byte* to = scratch_.get() + used_;
  const bool extends = count_ > 0 && pieces_[count_ - 1].frame == nullptr;
  if (!extends && count_ == pieces_max) return false;
  std::memcpy(to, bytes.data(), bytes.size());
  used_ += bytes.size();
  bytes_ += bytes.size();
  if (extends)
    pieces_[count_ - 1].size += bytes.size();
  else
    pieces_[count_++] = {to, bytes.size(), nullptr};
  return true;
}

bool write_batch::add_frame(net_frame& frame, frame_pool& pool) {
  const reply_rows* rows = rows_of(frame);
  if (rows == nullptr && frame.reply_bytes <= copy_up_to) {
    if (!add_bytes({frame.reply, frame.reply_bytes})) return false;
    pool.release(frame);
    return true;
  }
  const bool two = rows != nullptr && !rows->bytes.empty() && rows->code == result_code::ok;
  if (count_ + (two ? 2 : 1) > pieces_max) return false;
  pieces_[count_++] = {frame.reply, frame.reply_bytes, two ? nullptr : &frame};
  bytes_ += frame.reply_bytes;
  if (two) {
    pieces_[count_++] = {rows->bytes.data(), rows->bytes.size(), &frame};
    bytes_ += rows->bytes.size();
  }
  return true;
}

}  // namespace payloom::net
