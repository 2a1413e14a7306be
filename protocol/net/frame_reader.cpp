#include "protocol/net/frame_reader.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/assert.hpp"
#include "protocol/types/crc32c.hpp"

namespace payloom::net {
namespace {

/// Bodies up to this get their frame at once: the block is no larger than a stash would be.
constexpr std::uint32_t small_body = 2048;

bool needs_notes(const net_frame& frame) noexcept {
  constexpr std::uint16_t mask = transfer_flags::targeting | transfer_flags::balancing;
  const auto* records = reinterpret_cast<const transfer_record*>(frame.records);
  std::uint16_t seen = 0;
  for (std::uint32_t i = 0; i < frame.count; ++i) seen |= records[i].flags;
  return (seen & mask) != 0;
}

void prepare_results(net_frame& frame, const wire::frame_type_info& info) noexcept {
  if (info.family != wire::frame_family::command) return;
  frame.result_bytes = wire::reply_record_bytes(info, frame.header.flags);
  std::memset(frame.results, 0, std::size_t{frame.count} * frame.result_bytes);
  if (info.type != frame_type::create_transfers || !needs_notes(frame)) return;
  frame.notes = reinterpret_cast<event_notes*>(frame.notes_space);
  std::memset(frame.notes_space, 0, frame.count * sizeof(event_notes));
}

}  // namespace

int frame_reader::target(std::span<std::byte> scratch, std::array<iovec, 2>& pieces) noexcept {
  if (state_ == state::body && frame_ != nullptr) {
    pieces[0] = {frame_->records + have_, wire::body_bytes(opened_) - have_};
    if (pieces[0].iov_len > small_body) {
      pieces[1] = {header_.data(), header_.size()};  // the next frame's header comes along
      return 2;
    }
  }
  if (state_ == state::header && large_before_) {
    pieces[0] = {header_.data() + have_, header_.size() - have_};
    return 1;
  }
  pieces[0] = {scratch.data(), scratch.size()};
  return 1;
}

wire::decode_status frame_reader::took(std::size_t size, std::span<const std::byte> scratch) {
  if (state_ == state::body && wire::body_bytes(opened_) - have_ > small_body) {
    const std::size_t mine = std::min<std::size_t>(size, wire::body_bytes(opened_) - have_);
    if (const auto status = body_arrived(mine); !status.ok()) return status;
    have_ = state_ == state::header ? static_cast<std::uint32_t>(size - mine) : have_;
    if (have_ != header_.size() || state_ != state::header) return {};
    return begin(header_, 0);
  }
  if (state_ == state::header && large_before_) {
    have_ += static_cast<std::uint32_t>(size);
    return have_ == header_.size() ? begin(header_, 0) : wire::decode_status{};
  }
  return consume(scratch.first(size));
}

wire::decode_status frame_reader::consume(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    std::size_t used = 0;
    wire::decode_status status;
    switch (state_) {
      case state::header:
        if (have_ == 0 && bytes.size() >= wire::header_bytes) {
          used = wire::header_bytes;
          status = begin(bytes.first<wire::header_bytes>(), bytes.size() - used);
        } else {
          used = std::min(bytes.size(), header_.size() - have_);
          std::memcpy(header_.data() + have_, bytes.data(), used);
          have_ += static_cast<std::uint32_t>(used);
          if (have_ == header_.size()) status = begin(header_, bytes.size() - used);
        }
        break;
      case state::body:
        used = std::min<std::size_t>(bytes.size(), wire::body_bytes(opened_) - have_);
        std::memcpy(frame_->records + have_, bytes.data(), used);
        status = body_arrived(used);
        break;
      case state::stash: {
        const std::uint32_t full = std::min(wire::body_bytes(opened_), stash_bytes);
        used = std::min<std::size_t>(bytes.size(), full - have_);
        std::memcpy(stash_.get() + have_, bytes.data(), used);
        have_ += static_cast<std::uint32_t>(used);
        if (have_ == full) status = open_frame();
        break;
      }
      case state::skip:
        used = std::min<std::size_t>(bytes.size(), left_);
        left_ -= static_cast<std::uint32_t>(used);
        if (left_ == 0) state_ = state::header;
        break;
    }
    if (!status.ok()) return status;
    bytes = bytes.subspan(used);
  }
  return {};
}

/// Starts a frame of which `available` body bytes are already in the scratch buffer.
wire::decode_status frame_reader::begin(std::span<const std::byte, wire::header_bytes> header, std::size_t available) {
  have_ = 0;
  const auto status = wire::inspect_header(header, wire::request_limits, wire::direction::to_server, opened_);
  const bool readable = opened_.magic == frame_magic && status.code != result_code::frame_checksum_mismatch;
  failed_request_ = readable ? opened_.request : 0;
  if (!status.ok()) return fail(status);
  info_ = wire::find_frame_type(opened_.type);
  const std::uint32_t body = wire::body_bytes(opened_);
  if (body > small_body && !large_before_ && available < std::min(body, stash_bytes)) {
    stash_ = std::make_unique_for_overwrite<std::byte[]>(std::min(body, stash_bytes));
    state_ = state::stash;
    return {};
  }
  return open_frame();
}

/// Takes the memory of the frame, unless it is refused, and moves the stash into it.
wire::decode_status frame_reader::open_frame() {
  const std::uint32_t body = wire::body_bytes(opened_);
  const std::uint32_t stashed = have_;
  large_before_ = body > stash_bytes;
  const result_code code = events_.admit(opened_, *info_);
  if (code != result_code::ok) {
    stash_.reset();
    if (code == result_code::over_credit) return fail({code, 0, "more in flight than the credits"});
    if (code == result_code::handshake_expected)
      return fail({code, offsetof(frame_header, type), "hello comes first, and once"});
    ++frames_done_;
    events_.on_refused(opened_, code);
    left_ = body - stashed;
    state_ = left_ > 0 ? state::skip : state::header;
    large_before_ = false;
    have_ = 0;
    return {};
  }
  frame_ = &pool_.take(opened_.record_count, body);
  frame_->header = opened_;
  crc_ = 0;
  have_ = 0;
  state_ = state::body;
  if (stashed > 0) {
    std::memcpy(frame_->records, stash_.get(), stashed);
    stash_.reset();
  }
  return body == 0 || stashed > 0 ? body_arrived(stashed) : wire::decode_status{};
}

/// `size` more bytes lie in the frame.
wire::decode_status frame_reader::body_arrived(std::size_t size) {
  crc_ = crc32c({frame_->records + have_, size}, crc_);
  have_ += static_cast<std::uint32_t>(size);
  PAYLOOM_ASSERT(have_ <= wire::body_bytes(opened_));
  return have_ == wire::body_bytes(opened_) ? finish_frame() : wire::decode_status{};
}

wire::decode_status frame_reader::finish_frame() {
  have_ = 0;
  if (const auto status = wire::check_body_crc(opened_, crc_); !status.ok()) return fail(status);
  net_frame& frame = *frame_;
  frame_ = nullptr;
  state_ = state::header;
  ++frames_done_;
  prepare_results(frame, *info_);
  events_.on_frame(frame, *info_);
  return {};
}

wire::decode_status frame_reader::fail(wire::decode_status status) noexcept {
  drop();
  return status;
}

void frame_reader::drop() noexcept {
  if (frame_ != nullptr) {
    events_.on_dropped(opened_, *info_);
    pool_.release(*frame_);
    frame_ = nullptr;
  }
  stash_.reset();
  state_ = state::header;
  have_ = 0;
}

std::size_t frame_reader::held_bytes() const noexcept {
  if (stash_ != nullptr) return std::min(wire::body_bytes(opened_), stash_bytes);
  return frame_ != nullptr ? sizeof(net_frame) + have_ : 0;
}

}  // namespace payloom::net
