#pragma once
// Boost.Asio 1.74 with g++ 12: <utility> has to come first. Include this instead of boost/asio.hpp.
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

namespace payloom::client {
namespace asio = boost::asio;
using strand = asio::strand<asio::io_context::executor_type>;
}  // namespace payloom::client
