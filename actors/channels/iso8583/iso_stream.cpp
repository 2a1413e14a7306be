#include "actors/channels/iso8583/iso_stream.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::actors {

namespace {

bool must_wait(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again || error == asio::error::interrupted;
}

}  // namespace

void iso_stream::start(owner o) {
  owner_ = std::move(o);
  error_code error;
  socket_.set_option(tcp::no_delay(true), error);
  if (!error) socket_.non_blocking(true, error);
  reading_.resize(read_bytes);
  if (!error) return wait_read();
  // Not from within the owner's own call.
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->break_off(); });
}

void iso_stream::wait_read() {
  socket_.async_wait(tcp_socket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (self->closed_) return;
    error ? self->break_off() : self->read_ready();
  });
}

void iso_stream::read_ready() {
  for (int i = 0; i < reads_max && !closed_; ++i) {
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(reading_), error);
    if (error) {
      if (must_wait(error)) break;
      owner_.worked();
      return break_off();
    }
    owner_.received(std::span<const char>(reading_).first(count));
    if (count < reading_.size()) break;
  }
  if (closed_) return;
  owner_.worked();
  if (!closed_) wait_read();
}

void iso_stream::flush() {
  if (waits_for_room_ || closed_) return;
  while (true) {
    if (written_ == writing_.size()) {
      writing_.clear();
      written_ = 0;
      if (!owner_.next_output(writing_)) return;
    }
    error_code error;
    written_ += socket_.write_some(asio::buffer(writing_.data() + written_, writing_.size() - written_), error);
    if (!error) continue;
    if (!must_wait(error)) {
      asio::post(socket_.get_executor(), [self = shared_from_this()] { self->break_off(); });
      waits_for_room_ = true;  // for ever: it is broken
      return;
    }
    waits_for_room_ = true;
    socket_.async_wait(tcp_socket::wait_write, [self = shared_from_this()](const error_code& failed) {
      if (self->closed_) return;
      if (failed) return self->break_off();
      self->waits_for_room_ = false;
      self->flush();
      if (!self->closed_) self->owner_.worked();
    });
    return;
  }
}

void iso_stream::break_off() {
  if (closed_) return;
  const auto broken = std::move(owner_.broken);
  close();
  broken();
}

void iso_stream::close() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace payloom::actors
