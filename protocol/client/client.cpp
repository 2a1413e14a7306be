#include "protocol/client/client.hpp"

#include <utility>

#include "protocol/client/client_core.hpp"

namespace payloom::client {
namespace {
constexpr std::chrono::milliseconds destructor_patience{10'000};
}

client::client(client_options options)
    : own_io_(std::make_unique<asio::io_context>(1)),
      core_(std::make_shared<client_core>(*own_io_, std::move(options))) {
  // `run` goes on until the destructor stops it.
  thread_ = std::thread([this, guard = asio::make_work_guard(*own_io_)] { own_io_->run(); });
}

client::client(client_options options, asio::io_context& io)
    : core_(std::make_shared<client_core>(io, std::move(options))) {}

client::~client() {
  core_->close_now();
  if (!own_io_) return;
  core_->wait_closed(destructor_patience);
  // What is still queued are callbacks of refused submissions: they run before the stop is seen.
  asio::post(*own_io_, [this] { own_io_->stop(); });
  thread_.join();
}

void client::submit(frame_type type, std::span<const std::byte> records, std::uint32_t count, callback on_answer,
                    const submit_options& how) {
  auto op = std::make_shared<operation>();
  op->type = type;
  op->count = count;
  op->body.assign(records.begin(), records.end());
  op->options = how;
  op->on_answer = std::move(on_answer);
  core_->submit(std::move(op));
}

std::future<answer> client::submit(frame_type type, std::span<const std::byte> records, std::uint32_t count,
                                   const submit_options& how) {
  auto promise = std::make_shared<std::promise<answer>>();
  std::future<answer> future = promise->get_future();
  submit(
      type, records, count, [promise](answer a) { promise->set_value(std::move(a)); }, how);
  return future;
}

bool client::close(std::chrono::milliseconds patience) {
  core_->close_gently();
  return core_->wait_closed(patience);
}

void client::close_now() { core_->close_now(); }

std::string client::last_error() const { return core_->last_error(); }

}  // namespace payloom::client
