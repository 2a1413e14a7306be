#include "protocol/client/order_event_feed.hpp"

#include <algorithm>
#include <utility>

namespace payloom::client {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds answer_patience{10'000};  ///< beyond the server's waiting
constexpr std::chrono::milliseconds least_pause{100};         ///< before asking again what was refused or came too soon

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

order_event_feed::order_event_feed(client& over, const feed_options& what, event_callback on_event)
    : client_(over), what_(what), on_event_(std::move(on_event)), state_(std::make_shared<shared_state>()) {
  state_->cursor = what.after;
  thread_ = std::thread([this] { follow(); });
}

order_event_feed::~order_event_feed() {
  stop();
  thread_.join();
}

void order_event_feed::stop() {
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->changed.notify_all();
  if (std::this_thread::get_id() == state_->runner) return;
  state_->changed.wait(lock, [this] { return state_->ended; });
}

result_code order_event_feed::wait() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->ended; });
  return state_->ended_by;
}

commit_seq order_event_feed::cursor() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cursor;
}

void order_event_feed::follow() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->runner = std::this_thread::get_id();
  }
  bool going = true;
  while (going) {
    const clock::time_point asked = clock::now();
    const std::optional<answer> page = ask();
    if (!page) break;
    const bool refused = page->how != outcome::result || page->code != result_code::ok;
    going = take(*page);
    // A server that does not wait, or a client that takes nothing now, is not asked in a tight loop.
    const bool more = (page->header.flags & frame_flags::more) != 0;  // an empty page may be one of a long scan
    const bool early = refused || (page->body.empty() && !more && clock::now() - asked < what_.wait);
    if (going && early) going = pause(std::chrono::milliseconds(page->header.retry_after_ms));
  }
  const std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->changed.notify_all();
}

/// The next page; nullopt when the feed is stopped meanwhile.
std::optional<answer> order_event_feed::ask() {
  const auto wait =
      std::clamp(what_.wait, std::chrono::milliseconds(0), std::chrono::milliseconds(limits::order_wait_ms_max));
  order_event_query query{};
  query.after = cursor();
  query.merchant = what_.merchant;
  query.context_id = what_.context_id;
  query.root_id = what_.root_id;
  query.order = what_.order;
  query.limit = what_.page_rows;
  query.wait_ms = static_cast<std::uint32_t>(wait.count());
  submit_options how;
  how.timeout = wait + answer_patience;
  const auto on_answer = [state = state_](answer a) {
    const std::lock_guard lock(state->mutex);
    state->arrived = std::move(a);
    state->changed.notify_all();
  };
  client_.order_events(query, on_answer, how);
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->stopping || state_->arrived; });
  if (state_->stopping) return std::nullopt;
  return std::exchange(state_->arrived, std::nullopt);
}

/// Hands a page over; false when the feed ends.
bool order_event_feed::take(const answer& page) {
  if (page.how != outcome::result) return true;  // nobody answered: nothing was missed
  if (page.code != result_code::ok) {
    if (passes(page.code)) return true;
    const std::lock_guard lock(state_->mutex);
    state_->ended_by = page.code;
    return false;
  }
  const auto move_to = [this](commit_seq sequence) {
    const std::lock_guard lock(state_->mutex);
    state_->cursor = std::max(state_->cursor, sequence);
    return !state_->stopping;
  };
  for (const order_event_row& row : page.rows<order_event_row>()) {
    if (row.sequence <= cursor()) continue;
    [&]() noexcept { on_event_(row); }();
    if (!move_to(row.sequence)) return false;
  }
  return move_to(page.header.cursor);
}

/// Waits for at least `time`; false when the feed is stopped meanwhile.
bool order_event_feed::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(state_->mutex);
  return !state_->changed.wait_for(lock, std::max(time, least_pause), [this] { return state_->stopping; });
}

}  // namespace payloom::client
