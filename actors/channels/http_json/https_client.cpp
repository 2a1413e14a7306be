#include "actors/channels/http_json/https_client.hpp"

#include <openssl/ssl.h>

#include <algorithm>

#include "actors/channels/http_json/tls_link.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

constexpr std::chrono::milliseconds tick_every{10};
constexpr std::uint32_t backoff_first_ms = 50, backoff_last_ms = 2'000;
constexpr std::uint64_t second_ns = 1'000'000'000;

std::uint32_t us_between(https_client::clock::time_point from, https_client::clock::time_point to) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
}

}  // namespace

class https_client::link final : public tls_link {
 public:
  link(https_client& owner, std::size_t at) : tls_link(owner.io_, owner.context_), place(at), owner_(&owner) {}

  void begin(std::uint64_t a_job) {
    PAYLOOM_ASSERT(is_open() && !busy);
    job = a_job;
    busy = true;
    left_before = bytes_left();
    since = clock::now();
    first_byte = {};
    request.clear();
    received.clear();
    owner_->owner_->write_request(job, request);
    owner_->counters_.sent.fetch_add(1, std::memory_order_relaxed);
    send(request);
    if (!owner_->settings_.keeps_bytes && request.capacity() > keep_capacity) request = {};
  }
  /// The owner forgets it.
  void leave() {
    owner_ = nullptr;
    close();
  }

  static constexpr std::size_t keep_capacity = 2048;
  std::size_t place;
  std::uint64_t job = 0;
  std::uint64_t left_before = 0;
  bool busy = false;
  bool was_open = false;
  bool fresh = true;  ///< its first request says what the connection cost
  std::uint32_t connect_us = 0, tls_us = 0;
  std::string request, received;
  clock::time_point since = clock::now();  ///< of the request, of being idle, or of the connect
  clock::time_point first_byte{};

 private:
  https_client* owner_;
  http_inbox<false> inbox_;

  void on_connected() override { connect_us = us_between(since, clock::now()); }
  void on_open() override {
    tls_us = us_between(since, clock::now()) - connect_us;
    was_open = true;
    if (owner_ != nullptr) owner_->opened(*this);
  }
  void on_session(SSL_SESSION* session) override {
    const std::shared_ptr<SSL_SESSION> kept(session, SSL_SESSION_free);
    if (owner_ != nullptr) owner_->session_ = kept;
  }
  void on_closed() override {
    if (owner_ != nullptr) owner_->ended(*this);
  }
  void on_bytes(std::string_view bytes) override {
    if (owner_ == nullptr) return;
    if (!busy) return owner_->ended(*this);  // nobody asked
    if (first_byte == clock::time_point{}) first_byte = clock::now();
    if (owner_->settings_.keeps_bytes && received.size() < http_head_bytes_max + body_bytes_max) received += bytes;
    inbox_.add(bytes);
    const auto step = inbox_.next();
    if (step == http_inbox<false>::state::more) return;
    const bool complete = step == http_inbox<false>::state::complete;
    if (!complete) return owner_->ended(*this);
    https_result result;
    result.what = https_result::kind::response;
    result.status = inbox_.message().status;
    result.body = inbox_.message().body;
    const bool stays = inbox_.message().keeps_alive && inbox_.rest_bytes() == 0;
    const auto self = shared_from_this();
    owner_->finish(*this, result);
    if (owner_ == nullptr) return;
    stays ? owner_->freed(*this) : owner_->ended(*this);
  }
};

https_client::https_client(asio::io_context& io, tls_context context, https_client_settings settings,
                           https_client_owner& owner)
    : io_(io),
      context_(std::move(context)),
      settings_(std::move(settings)),
      owner_(&owner),
      timer_(io),
      resolver_(io),
      tokens_ns_(std::uint64_t{settings_.burst} * second_ns),
      tokens_at_(clock::now()) {
  PAYLOOM_ASSERT(context_.get() != nullptr && settings_.connections_max > 0);
}

https_client::~https_client() = default;

void https_client::start() { tick(); }

void https_client::stop() {
  if (stopped_) return;
  stopped_ = true;
  timer_.cancel();
  resolver_.cancel();
  for (const auto& l : links_) l->leave();
  links_.clear();
  idle_.clear();
  waiting_.clear();
  counters_.connections = 0;
}

void https_client::submit(std::uint64_t job) {
  if (stopped_) return;
  if (waiting_.size() >= settings_.waiting_max) return refuse(job);
  waiting_.push_back({job, clock::now() + std::chrono::milliseconds(settings_.waiting_timeout_ms)});
  dispatch();
}

void https_client::refuse(std::uint64_t job) {
  counters_.not_sent.fetch_add(1, std::memory_order_relaxed);
  owner_->job_done(job, {});
}

void https_client::refuse_waiting() {
  // Those that the owner submits meanwhile wait for the next turn.
  for (std::size_t n = waiting_.size(); n > 0 && !waiting_.empty(); --n) {
    const std::uint64_t job = waiting_.front().job;
    waiting_.pop_front();
    refuse(job);
  }
}

bool https_client::take_token() {
  if (settings_.rate_per_second == 0) return true;
  const auto now = clock::now();
  const std::uint64_t most = std::uint64_t{settings_.burst} * second_ns;
  const auto passed = static_cast<std::uint64_t>((now - tokens_at_).count());
  tokens_at_ = now;
  tokens_ns_ =
      std::min(most, tokens_ns_ + std::min<std::uint64_t>(passed, 3600 * second_ns) * settings_.rate_per_second);
  if (tokens_ns_ < second_ns) return false;
  tokens_ns_ -= second_ns;
  return true;
}

void https_client::dispatch() {
  while (!stopped_ && !waiting_.empty() && !idle_.empty() && take_token()) {
    link* l = idle_.back();
    idle_.pop_back();
    const std::uint64_t job = waiting_.front().job;
    waiting_.pop_front();
    const auto hold = l->shared_from_this();
    l->begin(job);
  }
  while (idle_.empty() && connecting_ < waiting_.size() && may_open()) open();
}

bool https_client::may_open() const {
  return !stopped_ && links_.size() < settings_.connections_max && connecting_ < settings_.connecting_max &&
         clock::now() >= connect_after_ && !resolving_;
}

void https_client::open() {
  if (endpoints_.empty()) return resolve();
  const auto l = std::make_shared<link>(*this, links_.size());
  links_.push_back(l);
  ++connecting_;
  counters_.connects.fetch_add(1, std::memory_order_relaxed);
  l->connect(endpoints_[next_endpoint_++ % endpoints_.size()], settings_.host, session_.get());
}

void https_client::resolve() {
  resolving_ = true;
  resolver_.async_resolve(settings_.host, std::to_string(settings_.port),
                          [self = shared_from_this()](error_code error, const auto& found) {
                            self->resolving_ = false;
                            if (self->stopped_) return;
                            if (!error)
                              for (const auto& entry : found) self->endpoints_.push_back(entry.endpoint());
                            if (self->endpoints_.empty()) {
                              self->connect_after_ = clock::now() + std::chrono::milliseconds(backoff_last_ms);
                              return self->refuse_waiting();
                            }
                            self->dispatch();
                          });
}

void https_client::opened(link& l) {
  --connecting_;
  backoff_ms_ = 0;
  if (l.resumed()) counters_.resumed.fetch_add(1, std::memory_order_relaxed);
  counters_.connections.fetch_add(1, std::memory_order_relaxed);
  freed(l);
}

void https_client::freed(link& l) {
  l.since = clock::now();
  idle_.push_back(&l);
  dispatch();
}

void https_client::ended(link& l) {
  const auto hold = l.shared_from_this();
  const bool was_open = l.was_open;
  if (was_open) {
    counters_.connections.fetch_sub(1, std::memory_order_relaxed);
    std::erase(idle_, &l);
  } else {
    --connecting_;
    counters_.connect_failures.fetch_add(1, std::memory_order_relaxed);
    backoff_ms_ = std::clamp(backoff_ms_ * 2, backoff_first_ms, backoff_last_ms);
    connect_after_ = clock::now() + std::chrono::milliseconds(backoff_ms_);
    endpoints_.clear();  // the name may mean another address by now
  }
  links_.back()->place = l.place;
  std::swap(links_[l.place], links_.back());
  links_.pop_back();
  l.leave();
  if (l.busy) {
    https_result result;
    result.what = l.bytes_left() == l.left_before ? https_result::kind::not_sent : https_result::kind::lost;
    finish(l, result);
  }
  if (stopped_) return;
  if (!was_open && counters_.connections == 0 && connecting_ == 0) refuse_waiting();
  dispatch();
}

void https_client::finish(link& l, https_result result) {
  PAYLOOM_ASSERT(l.busy);
  l.busy = false;
  const auto now = clock::now();
  result.total_us = us_between(l.since, now);
  if (l.first_byte != clock::time_point{}) result.first_byte_us = us_between(l.since, l.first_byte);
  if (l.fresh) {
    result.connect_us = l.connect_us;
    result.tls_us = l.tls_us;
    l.fresh = false;
  }
  result.timed_out =
      result.what == https_result::kind::lost && result.total_us >= std::uint64_t{settings_.response_timeout_ms} * 1000;
  if (result.what == https_result::kind::not_sent) counters_.not_sent.fetch_add(1, std::memory_order_relaxed);
  if (result.what == https_result::kind::lost) counters_.lost.fetch_add(1, std::memory_order_relaxed);
  if (result.timed_out) counters_.timeouts.fetch_add(1, std::memory_order_relaxed);
  result.sent = l.request;
  result.received = l.received;
  owner_->job_done(l.job, result);
}

void https_client::tick() {
  if (stopped_) return;
  const auto now = clock::now();
  std::vector<std::shared_ptr<link>> over;
  for (const auto& l : links_) {
    const std::uint32_t bound_ms = l->busy        ? settings_.response_timeout_ms
                                   : l->is_open() ? settings_.idle_ms
                                                  : settings_.connect_timeout_ms;
    if (now - l->since >= std::chrono::milliseconds(bound_ms)) over.push_back(l);
  }
  for (const auto& l : over) ended(*l);
  while (!waiting_.empty() && waiting_.front().until <= now) {
    const std::uint64_t job = waiting_.front().job;
    waiting_.pop_front();
    refuse(job);
  }
  dispatch();
  if (stopped_) return;
  timer_.expires_after(tick_every);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->tick();
  });
}

}  // namespace payloom::http_json
