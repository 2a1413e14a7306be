#pragma once
// The one place of this wire that includes Boost.Asio (1.74). <utility> goes first: 1.74's awaitable.hpp forgets it.
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace payloom::http_json {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
/// Sockets with the concrete executor: the default one of Asio 1.74 is type-erased, a virtual call an operation.
using tcp_socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;
using tcp_resolver = asio::ip::basic_resolver<tcp, asio::io_context::executor_type>;
using wait_timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                              asio::io_context::executor_type>;

}  // namespace payloom::http_json
