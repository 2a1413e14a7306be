#include "protocol/client/frame_connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "protocol/types/assert.hpp"

namespace payloom::client {
namespace {
constexpr std::size_t receive_bytes = 64 * 1024;
constexpr std::size_t frame_alignment = 64;  // replies are read in place; records hold 128-bit fields
constexpr std::size_t segments_per_send = 64;
}  // namespace

std::string_view name_of(io_status status) {
  switch (status) {
    case io_status::ok:
      return "ok";
    case io_status::blocked:
      return "blocked";
    case io_status::closed:
      return "closed";
    case io_status::corrupt:
      return "corrupt";
  }
  return "?";
}

void frame_connection::aligned_delete::operator()(std::byte* bytes) const {
  ::operator delete[](bytes, std::align_val_t{frame_alignment});
}

frame_connection::frame_connection(int fd, wire::direction incoming) : fd_(fd), incoming_(incoming) {
  PAYLOOM_ASSERT(fd >= 0);
  const int flags = ::fcntl(fd_, F_GETFL, 0);
  ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK);
  const int one = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  make_room(receive_bytes);
}

frame_connection::~frame_connection() {
  if (fd_ >= 0) ::close(fd_);
}

frame_connection::frame_connection(frame_connection&& other) noexcept { *this = std::move(other); }

frame_connection& frame_connection::operator=(frame_connection&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(incoming_, other.incoming_);
  std::swap(segments_, other.segments_);
  std::swap(copied_, other.copied_);
  std::swap(in_, other.in_);
  std::swap(in_capacity_, other.in_capacity_);
  std::swap(in_from_, other.in_from_);
  std::swap(in_to_, other.in_to_);
  std::swap(sends_, other.sends_);
  std::swap(receives_, other.receives_);
  return *this;
}

void frame_connection::queue(std::span<const std::byte> frame) {
  if (frame.size() > copied_bytes_max) {
    segments_.push_back({frame.data(), 0, frame.size()});
    return;
  }
  // Neighbouring small frames become one segment.
  if (!segments_.empty() && segments_.back().outside == nullptr) {
    segments_.back().size += frame.size();
  } else {
    segments_.push_back({nullptr, copied_.size(), frame.size()});
  }
  copied_.insert(copied_.end(), frame.begin(), frame.end());
}

io_status frame_connection::flush() {
  while (!segments_.empty()) {
    iovec parts[segments_per_send];
    const std::size_t count = std::min(segments_.size(), segments_per_send);
    for (std::size_t i = 0; i < count; ++i) {
      const segment& s = segments_[i];
      const std::byte* bytes = s.outside != nullptr ? s.outside : copied_.data();
      parts[i] = {const_cast<std::byte*>(bytes + s.from), s.size};
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    ++sends_;
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? io_status::blocked : io_status::closed;
    }
    auto left = static_cast<std::size_t>(sent);
    std::size_t whole = 0;
    while (whole < segments_.size() && left >= segments_[whole].size) left -= segments_[whole++].size;
    if (left > 0) {
      segments_[whole].from += left;
      segments_[whole].size -= left;
    }
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(whole));
  }
  copied_.clear();
  return io_status::ok;
}

io_status frame_connection::read_some(bool& drained) {
  if (in_from_ == in_to_) in_from_ = in_to_ = 0;
  if (in_to_ == in_capacity_) make_room(in_to_ - in_from_ + receive_bytes);
  const std::size_t room = in_capacity_ - in_to_;
  for (;;) {
    const ssize_t got = ::recv(fd_, in_.get() + in_to_, room, MSG_DONTWAIT);
    ++receives_;
    if (got > 0) {
      in_to_ += static_cast<std::size_t>(got);
      drained = static_cast<std::size_t>(got) < room;
      return io_status::ok;
    }
    if (got == 0) return io_status::closed;
    if (errno == EINTR) continue;
    drained = true;
    return errno == EAGAIN || errno == EWOULDBLOCK ? io_status::ok : io_status::closed;
  }
}

io_status frame_connection::next_frame(std::span<const std::byte>& frame) {
  const std::size_t held = in_to_ - in_from_;
  if (held < sizeof(frame_header)) return io_status::ok;
  if (in_from_ % 16 != 0) make_room(receive_bytes);  // after a reply of odd length: back to an aligned place
  frame_header header;
  const std::span<const std::byte, wire::header_bytes> start{in_.get() + in_from_, wire::header_bytes};
  const bool from_server = incoming_ == wire::direction::to_client;
  const wire::frame_limits& bounds = from_server ? wire::reply_limits : wire::request_limits;
  if (!wire::inspect_header(start, bounds, incoming_, header).ok()) return io_status::corrupt;
  if (held < header.length) {
    if (in_from_ + header.length > in_capacity_) make_room(header.length);
    return io_status::ok;
  }
  const std::span<const std::byte> whole{in_.get() + in_from_, header.length};
  if (!wire::check_body(header, whole.subspan(sizeof(frame_header))).ok()) return io_status::corrupt;
  in_from_ += header.length;
  frame = whole;
  return io_status::ok;
}

// Moves what is held to the front of a buffer that takes a frame of `frame_bytes` and one read more.
void frame_connection::make_room(std::size_t frame_bytes) {
  const std::size_t held = in_to_ - in_from_;
  const std::size_t wanted = std::max(frame_bytes, held) + receive_bytes;
  if (wanted > in_capacity_) {
    std::unique_ptr<std::byte[], aligned_delete> larger{
        static_cast<std::byte*>(::operator new[](wanted, std::align_val_t{frame_alignment}))};
    if (held > 0) std::memcpy(larger.get(), in_.get() + in_from_, held);
    in_ = std::move(larger);
    in_capacity_ = wanted;
  } else if (held > 0) {
    std::memmove(in_.get(), in_.get() + in_from_, held);
  }
  in_from_ = 0;
  in_to_ = held;
}

}  // namespace payloom::client
