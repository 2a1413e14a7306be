#include "protocol/net/out_queue.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace payloom::net {

write_result send_pieces(int socket, std::span<const write_batch::piece> pieces, std::size_t skip) noexcept {
  std::array<iovec, write_batch::pieces_max> parts;
  std::size_t count = 0;
  for (const auto& piece : pieces.first(std::min(pieces.size(), parts.size()))) {
    parts[count++] = {const_cast<std::byte*>(piece.data) + skip, piece.size - skip};
    skip = 0;
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  ssize_t sent;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return {static_cast<std::size_t>(sent), false};
  return {0, errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS};
}

void out_queue::take_rest(write_batch& batch, std::size_t sent) {
  for (write_batch::piece piece : batch.pieces()) {
    const std::size_t gone = std::min(sent, piece.size);
    sent -= gone;
    if (gone == piece.size) {
      if (piece.frame != nullptr) pool_.release(*piece.frame);
      continue;
    }
    piece.data += gone;
    piece.size -= gone;
    bytes_ += piece.size;
    queued entry{piece, nullptr};
    if (piece.frame == nullptr) {
      entry.copy = std::make_unique_for_overwrite<std::byte[]>(piece.size);
      std::memcpy(entry.copy.get(), piece.data, piece.size);
      entry.piece.data = entry.copy.get();
    }
    pieces_.push_back(std::move(entry));
  }
  batch.clear();
}

write_result out_queue::send(int socket) {
  std::array<write_batch::piece, write_batch::pieces_max> next;
  std::size_t count = 0;
  for (auto at = pieces_.begin(); at != pieces_.end() && count < next.size(); ++at) next[count++] = at->piece;
  const write_result result = send_pieces(socket, std::span(next).first(count), head_sent_);
  bytes_ -= result.bytes;
  std::size_t gone = head_sent_ + result.bytes;
  while (!pieces_.empty() && gone >= pieces_.front().piece.size) {
    gone -= pieces_.front().piece.size;
    if (net_frame* frame = pieces_.front().piece.frame; frame != nullptr) pool_.release(*frame);
    pieces_.pop_front();
  }
  head_sent_ = gone;
  return result;
}

void out_queue::clear() noexcept {
  for (queued& entry : pieces_)
    if (entry.piece.frame != nullptr) pool_.release(*entry.piece.frame);
  pieces_.clear();
  head_sent_ = bytes_ = 0;
}

}  // namespace payloom::net
