#include "protocol/client/event_subscription.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "protocol/client/request_header.hpp"

namespace payloom::client {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds least_pause{100};    ///< before subscribing again after a refusal
constexpr std::chrono::milliseconds quiet_most{10'000};  ///< without a byte: is the server still there?
constexpr std::chrono::milliseconds answer_most{10'000};
constexpr std::chrono::milliseconds farewell_most{2'000};

/// Refusals that are over after a while.
bool passes(result_code code) {
  switch (describe(code).klass) {
    case result_class::retry_same_key:
    case result_class::overloaded:
    case result_class::unavailable_:
      return true;
    default:
      return false;
  }
}

}  // namespace

/// One connection, from its subscribe frame to its end.
class event_subscription::session {
 public:
  session(event_subscription& owner, blocking_connection connection)
      : owner_(owner), connection_(std::move(connection)) {}

  /// Returns when the connection or the subscription has ended. Throws connection_lost. The result: how long to wait
  /// before the next connection.
  std::chrono::milliseconds run() {
    subscribe_record ask{};
    ask.name = owner_.what_.name;
    ask.merchant = owner_.what_.merchant;
    ask.context_id = owner_.what_.context_id;
    ask.root_id = owner_.what_.root_id;
    ask.order = owner_.what_.order;
    ask.after = owner_.what_.after;
    ask.window = owner_.what_.window;
    subscribed_by_ = send(frame_type::subscribe, ask);
    heard_at_ = asked_at_ = clock::now();
    while (!over_) {
      acknowledge();
      if (owner_.stopping() && !leaving_) begin_to_leave();
      if (drained_ && acknowledged_by_ == 0 && sent_ >= newest_) over_ = true;
      if (!over_) wait();
    }
    return again_after_;
  }

 private:
  template <class Record>
  std::uint64_t send(frame_type type, const Record& record) {
    return send(type, std::as_bytes(std::span(&record, 1)), 1);
  }
  /// Queues a small frame; `wait` sends it.
  std::uint64_t send(frame_type type, std::span<const std::byte> body, std::uint32_t count) {
    frame_header header = make_request_header(type, count);
    header.flags = owner_.where_.shadow ? frame_flags::shadow : std::uint16_t{0};
    header.tenant = owner_.where_.tenant;
    header.request = next_request_++;
    wire::seal_frame(header, body);
    std::vector<std::byte> frame(sizeof header + body.size());
    std::memcpy(frame.data(), &header, sizeof header);
    if (!body.empty()) std::memcpy(frame.data() + sizeof header, body.data(), body.size());
    connection_.connection().queue(frame);
    return header.request;
  }

  /// Sends the newest acknowledgement, one at a time, and only of what came over this connection.
  void acknowledge() {
    if (acknowledged_by_ != 0 || !subscribed_ || clock::now() < not_before_) return;
    commit_seq wanted;
    {
      const std::lock_guard lock(owner_.mutex_);
      wanted = std::min(owner_.to_acknowledge_, newest_);
    }
    const bool last = leaving_ && !said_goodbye_;
    if (wanted <= sent_ && !last) return;
    acknowledge_record ack{};
    ack.name = owner_.what_.name;
    ack.sequence = std::max(wanted, sent_);
    ack.flags = last ? acknowledge_flags::end : 0;
    said_goodbye_ = said_goodbye_ || last;
    sent_ = ack.sequence;
    acknowledged_by_ = send(frame_type::acknowledge, ack);
    asked_at_ = clock::now();
  }

  void begin_to_leave() {
    leaving_ = true;
    leave_at_ = clock::now() + farewell_most;
    if (!subscribed_) over_ = true;
    acknowledge();
  }

  void wait() {
    if (connection_.connection().has_output() && connection_.connection().flush() == io_status::closed)
      throw connection_lost("the connection ended");
    pollfd both[2] = {{connection_.connection().fd(), POLLIN, 0}, {owner_.bell_, POLLIN, 0}};
    if (connection_.connection().has_output()) both[0].events |= POLLOUT;
    if (::poll(both, 2, 100) < 0 && errno != EINTR) throw connection_lost(std::strerror(errno));
    if (both[1].revents != 0) {
      std::uint64_t rings = 0;
      [[maybe_unused]] const auto got = ::read(owner_.bell_, &rings, sizeof rings);
    }
    if (both[0].revents != 0) {
      const io_status status = connection_.connection().receive(
          [this](const frame_header& header, std::span<const std::byte> body) { take(header, body); });
      heard_at_ = clock::now();  // behind the callbacks, which may take long
      if (status == io_status::corrupt) throw connection_lost("the server sent something that is no frame");
      if (status != io_status::ok) throw connection_lost("the connection ended");
    }
    look_at_clock();
  }

  void look_at_clock() {
    const auto now = clock::now();
    if (leaving_ && now > leave_at_) over_ = true;
    const bool asked = acknowledged_by_ != 0 || !subscribed_ || pinged_;
    if (asked && now - std::max(asked_at_, heard_at_) > answer_most) throw connection_lost("no reply in time");
    if (asked || now - heard_at_ < quiet_most) return;
    send(frame_type::ping, {}, 0);
    pinged_ = true;
    asked_at_ = now;
  }

  void take(const frame_header& header, std::span<const std::byte> body) {
    const auto type = static_cast<frame_type>(header.type);
    if (type == frame_type::error) throw connection_lost("refused: " + std::string(name_of(header.code)));
    if (type == frame_type::goaway) return;
    if (type == reply_type(frame_type::ping)) pinged_ = false;
    if (type == frame_type::pushed_events && header.request == subscribed_by_) return take_events(header, body);
    if (type == reply_type(frame_type::subscribe) && header.request == subscribed_by_) return take_begin(header, body);
    if (type != reply_type(frame_type::acknowledge) || header.request != acknowledged_by_) return;
    acknowledged_by_ = 0;
    if (header.code == result_code::ok) {
      note_row(body);
    } else if (header.code == result_code::subscription_unknown) {
      refuse(header.code);
    } else {
      sent_ = 0;  // again a little later, with whatever is the newest by then
      not_before_ = clock::now() + least_pause;
    }
    if (said_goodbye_) over_ = true;
  }

  void take_begin(const frame_header& header, std::span<const std::byte> body) {
    if (header.code == result_code::ok) {
      subscribed_ = true;
      note_row(body);
    } else if (passes(header.code)) {
      over_ = true;
      again_after_ = std::max(least_pause, std::chrono::milliseconds(header.retry_after_ms));
    } else {
      refuse(header.code);
    }
  }

  void note_row(std::span<const std::byte> body) {
    if (body.size() < sizeof(subscription_row)) return;
    const auto& row = *reinterpret_cast<const subscription_row*>(body.data());
    const std::lock_guard lock(owner_.mutex_);
    owner_.acknowledged_ = std::max(owner_.acknowledged_, row.acknowledged);
  }

  void take_events(const frame_header& header, std::span<const std::byte> body) {
    if (body.empty()) {  // the last one
      if (header.code == result_code::ok && !leaving_) {
        over_ = true;
        owner_.end(subscription_end::taken_over, result_code::ok);
      } else if (header.code == result_code::subscription_unknown) {
        refuse(header.code);
      } else {
        drained_ = true;  // what was handled may still be acknowledged
      }
      return;
    }
    const std::span rows(reinterpret_cast<const order_event_row*>(body.data()), body.size() / sizeof(order_event_row));
    commit_seq handled;
    {
      const std::lock_guard lock(owner_.mutex_);
      if (owner_.stopping_) return;
      handled = owner_.handled_;
    }
    // What this object had before the connection broke is not handed over again.
    const auto fresh = std::ranges::upper_bound(rows, handled, {}, &order_event_row::sequence);
    const auto left = rows.subspan(static_cast<std::size_t>(fresh - rows.begin()));
    if (!left.empty()) [&]() noexcept { owner_.on_events_(left); }();
    newest_ = rows.back().sequence;
    const std::lock_guard lock(owner_.mutex_);
    owner_.handled_ = std::max(owner_.handled_, newest_);
    if (owner_.what_.acknowledge_by_itself) owner_.to_acknowledge_ = std::max(owner_.to_acknowledge_, newest_);
  }

  void refuse(result_code why) {
    over_ = true;
    owner_.end(subscription_end::refused, why);
  }

  event_subscription& owner_;
  blocking_connection connection_;
  std::uint64_t subscribed_by_ = 0;    ///< request number
  std::uint64_t acknowledged_by_ = 0;  ///< request number of the acknowledgement in flight; 0: none
  commit_seq newest_ = 0;              ///< that came over this connection
  commit_seq sent_ = 0;                ///< acknowledged over this connection
  bool subscribed_ = false, pinged_ = false, leaving_ = false, said_goodbye_ = false, drained_ = false;
  bool over_ = false;
  std::uint64_t next_request_ = 2;  // the handshake was 1
  clock::time_point heard_at_, asked_at_, leave_at_, not_before_;
  std::chrono::milliseconds again_after_{0};
};

event_subscription::event_subscription(client_options where, const subscription_options& what, batch_callback on_events)
    : where_(std::move(where)),
      what_(what),
      on_events_(std::move(on_events)),
      bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  thread_ = std::thread([this] { run(); });
}

event_subscription::~event_subscription() {
  stop();
  thread_.join();
  ::close(bell_);
}

void event_subscription::acknowledge(commit_seq sequence) {
  {
    const std::lock_guard lock(mutex_);
    to_acknowledge_ = std::max(to_acknowledge_, sequence);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto rung = ::write(bell_, &one, sizeof one);
}

void event_subscription::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto rung = ::write(bell_, &one, sizeof one);
  if (std::this_thread::get_id() == runner_) return;
  changed_.wait(lock, [this] { return ended_; });
}

subscription_end event_subscription::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
  return how_;
}

result_code event_subscription::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

commit_seq event_subscription::handled() const {
  const std::lock_guard lock(mutex_);
  return handled_;
}

commit_seq event_subscription::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::string event_subscription::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

bool event_subscription::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void event_subscription::end(subscription_end how, result_code why) {
  const std::lock_guard lock(mutex_);
  how_ = how;
  refusal_ = why;
  stopping_ = true;
}

/// False when it is stopped meanwhile.
bool event_subscription::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void event_subscription::run() {
  {
    const std::lock_guard lock(mutex_);
    runner_ = std::this_thread::get_id();
  }
  std::chrono::milliseconds backoff{0};
  for (std::size_t next = 0; !stopping() && !where_.addresses.empty(); ++next) {
    std::chrono::milliseconds again{0};
    try {
      connect_options to;
      to.address = where_.addresses[next % where_.addresses.size()];
      to.client_name = where_.name;
      to.tenant = where_.tenant;
      to.shadow = where_.shadow;
      to.timeout_ms = static_cast<std::uint32_t>(where_.connect_timeout.count());
      session one(*this, blocking_connection(to));
      backoff = std::chrono::milliseconds{0};
      again = one.run();
    } catch (const std::runtime_error& lost) {  // connect_failure, connection_lost
      const std::lock_guard lock(mutex_);
      last_error_ = lost.what();
    }
    backoff = std::min(std::max(backoff * 2, where_.backoff_first), where_.backoff_most);
    if (!pause(std::max(again, backoff))) break;
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace payloom::client
