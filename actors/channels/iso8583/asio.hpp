#pragma once
// The one place of this folder that includes Boost.Asio (1.74). <utility> goes first: 1.74's awaitable.hpp forgets it.
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace payloom::actors {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
/// Sockets with the concrete executor: the default one of Asio 1.74 is type-erased, a virtual call an operation.
using tcp_socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

}  // namespace payloom::actors
