#include "protocol/client/link.hpp"

#include <sys/socket.h>

#include "protocol/client/blocking_connection.hpp"

namespace payloom::client {

using boost::system::error_code;

link::link(strand& on, listener& owner, const client_options& options)
    : strand_(on),
      owner_(&owner),
      options_(options),
      resolver_(on.get_inner_executor()),
      socket_(on.get_inner_executor()),
      waiter_(on.get_inner_executor()),
      connect_timer_(on.get_inner_executor()) {}

void link::open(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    asio::post(strand_,
               [self = shared_from_this(), address] { self->down("address '" + address + "' is not HOST:PORT"); });
    return;
  }
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  connect_timer_.expires_after(options_.connect_timeout);
  connect_timer_.async_wait(asio::bind_executor(strand_, [self = shared_from_this()](error_code error) {
    if (!error && !self->ready_) self->down("connecting timed out");
  }));
  resolver_.async_resolve(
      host, address.substr(colon + 1),
      asio::bind_executor(strand_, [self = shared_from_this()](error_code error, const auto& found) {
        if (self->closed_) return;
        if (error) return self->down("cannot resolve: " + error.message());
        self->resolved(found);
      }));
}

void link::resolved(const asio::ip::tcp::resolver::results_type& found) {
  asio::async_connect(socket_, found,
                      asio::bind_executor(strand_, [self = shared_from_this()](error_code error, const auto&) {
                        if (self->closed_) return;
                        if (error) return self->down("cannot connect: " + error.message());
                        self->connected();
                      }));
}

void link::connected() {
  error_code error;
  const int fd = socket_.release(error);
  if (error) return down("cannot take the socket over: " + error.message());
  connection_.emplace(fd);
  waiter_.assign(fd, error);
  if (error) return down("cannot wait on the socket: " + error.message());
  hello_ = make_hello(options_.name, options_.tenant, options_.shadow);
  connection_->queue(hello_);
  flush();
  if (!closed_) wait_read();
}

void link::wait_read() {
  waiter_.async_wait(asio::posix::stream_descriptor::wait_read,
                     asio::bind_executor(strand_, [self = shared_from_this()](error_code error) {
                       if (self->closed_) return;
                       if (error) return self->down(error.message());
                       self->read();
                     }));
}

void link::read() {
  const auto self = shared_from_this();  // a callback may drop the owner's reference
  const io_status status = connection_->receive([this](const frame_header& header, std::span<const std::byte> body) {
    if (!closed_) take(header, body);
  });
  if (closed_) return;
  if (status != io_status::ok) {
    return down(status == io_status::corrupt ? "the server sent something that is no frame" : "the connection ended");
  }
  wait_read();
}

void link::take(const frame_header& header, std::span<const std::byte> body) {
  last_received = clock::now();
  if (ready_) return owner_->link_frame(*this, header, body);
  if (const std::string why = read_welcome(header, body, welcome_); !why.empty()) return down(why);
  ready_ = true;
  credit_requests = welcome_.credit_requests;
  connect_timer_.cancel();
  owner_->link_ready(*this);
}

void link::send(std::uint64_t request, sent_frame frame) {
  events_in_flight += frame.events;
  waiting_queries += frame.operations.front()->is_waiting_query();
  const auto [at, fresh] = in_flight.emplace(request, std::move(frame));
  connection_->queue(at->second.bytes);
  flush();
}

void link::flush() {
  if (waiting_to_write_) return;
  const io_status status = connection_->flush();
  if (status == io_status::ok) return retired_.clear();
  if (status == io_status::closed) {
    // Not at once: the caller is in the middle of its work.
    asio::post(strand_, [self = shared_from_this()] { self->down("the connection ended"); });
    return;
  }
  waiting_to_write_ = true;
  waiter_.async_wait(asio::posix::stream_descriptor::wait_write,
                     asio::bind_executor(strand_, [self = shared_from_this()](error_code error) {
                       if (self->closed_) return;
                       if (error) return self->down(error.message());
                       self->waiting_to_write_ = false;
                       self->flush();
                     }));
}

void link::close() {
  if (closed_) return;
  closed_ = true;
  ready_ = false;
  resolver_.cancel();
  connect_timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  if (waiter_.is_open()) waiter_.release();  // the descriptor is the connection's
  // The connection itself may be handing out a frame right now: it ends with this object.
  if (connection_) ::shutdown(connection_->fd(), SHUT_RDWR);
}

std::optional<sent_frame> link::finish(std::uint64_t request) {
  const auto found = in_flight.find(request);
  if (found == in_flight.end()) return std::nullopt;
  sent_frame frame = std::move(found->second);
  in_flight.erase(found);
  events_in_flight -= frame.events;
  waiting_queries -= frame.operations.front()->is_waiting_query();
  // An honest server answers what it has read; the bytes of any other answer are still being sent.
  if (connection_->has_output()) retired_.push_back(std::move(frame.bytes));
  return frame;
}

void link::down(const std::string& why) {
  if (closed_) return;
  const auto self = shared_from_this();
  close();
  owner_->link_down(*this, why);
}

}  // namespace payloom::client
