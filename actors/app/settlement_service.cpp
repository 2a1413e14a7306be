#include "actors/app/settlement_service.hpp"

#include <algorithm>
#include <chrono>

#include "actors/app/reply.hpp"
#include "config/log.hpp"
#include "storage/log/event_lookup.hpp"

namespace payloom::app {

namespace {

using core::catalog::settlement_plan;
using follower::ledger_view;
using std::chrono::steady_clock;

constexpr time_ns second = 1'000'000'000;
/// Accounts looked at in one turn of the follower's lock.
constexpr std::uint32_t places_per_turn = 1024;
/// How often the clock is looked at: it may be set.
constexpr auto look_again = std::chrono::seconds(30);
/// What accounts refused is tried again so much later.
constexpr time_ns retry_after = 600 * second;

time_ns wall_clock() {
  return static_cast<time_ns>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

follower::deadline_time deadline_of(const command_frame& f) {
  if (f.deadline_at == ~time_ns{0}) return steady_clock::now() + std::chrono::hours(1);
  const time_ns now = wall_clock();
  return steady_clock::now() + std::chrono::nanoseconds(f.deadline_at > now ? f.deadline_at - now : 0);
}

bool waits(result_code c) {
  return c == result_code::settlement_below_minimum || c == result_code::settlement_negative;
}

}  // namespace

settlement_service::settlement_service(storage::segment_log& journal, follower::follower& behind,
                                       storage::index_store& index, options how)
    : journal_(journal), behind_(behind), index_(index), options_(std::move(how)), automatic_(options_.automatic) {}

settlement_service::~settlement_service() { stop(); }

void settlement_service::start(actors::partition& partition) {
  partition_ = &partition;
  using fetcher = follower::lookup_fetcher<storage::event_lookup, storage::found_event>;
  events_ = std::make_unique<fetcher>(journal_);
  engine_ = std::make_unique<follower::query_engine>(journal_, behind_, index_, *events_);
  thread_ = std::thread([this] { run(); });
}

void settlement_service::submit(command_frame& f) {
  {
    const std::lock_guard lock(mutex_);
    frames_.push_back(&f);
  }
  wake_.notify_one();
}

void settlement_service::end_automatic() {
  const std::lock_guard lock(mutex_);
  automatic_ = false;
}

void settlement_service::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    automatic_ = false;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void settlement_service::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, look_again,
                   [this] { return stopping_ || !frames_.empty() || (automatic_ && due_at_ <= wall_clock()); });
    if (stopping_ && frames_.empty()) return;
    command_frame* f = frames_.empty() ? nullptr : frames_.front();
    if (f != nullptr) frames_.pop_front();
    const bool by_itself = f == nullptr && automatic_ && due_at_ <= wall_clock();
    lock.unlock();
    try {
      if (f != nullptr) answer(*f);
      if (by_itself) settle_all_due();
    } catch (const std::exception& e) {  // damaged data: what the journal says no longer holds together
      const std::string why = e.what();
      config::log(config::log_level::error, "settlement_failed", {{"error", why}, {"action", "stop"}});
      std::_Exit(70);
    }
    lock.lock();
  }
}

void settlement_service::answer(command_frame& f) {
  page p;
  p.tenant = f.header.tenant;
  p.request = *reinterpret_cast<const settle_request*>(f.records);
  p.deadline = deadline_of(f);
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
  }
  if (stopping) {
    p.code = result_code::draining;
  } else {
    settle(p);
  }
  auto reply = std::make_unique<net::reply_rows>();
  reply->code = p.code;
  reply->sequence = p.sequence;
  if (p.code == result_code::ok) {
    const auto* bytes = reinterpret_cast<const std::byte*>(p.rows.data());
    reply->bytes.assign(bytes, bytes + p.rows.size() * sizeof(settlement_row));
    reply->record_count = static_cast<std::uint32_t>(p.rows.size());
    reply->cursor = p.cursor;
    reply->flags = p.more ? frame_flags::more : 0;
  }
  complete(f, std::move(reply));
}

time_ns settlement_service::next_due(time_ns now) const {
  const auto versions = options_.payments();
  const auto& plans = versions->active(now).parts().settlements;
  time_ns next = ~time_ns{0};
  for (std::size_t i = 0; i < plans.size(); ++i) next = std::min(next, plans.at(i).next_change(now));
  return next;
}

/// What is due by all plans, page by page; frames that came meanwhile wait.
void settlement_service::settle_all_due() {
  const time_ns now = wall_clock();
  std::uint64_t made = 0, refused = 0;
  page p;
  do {
    p.request.cursor = p.cursor;
    p.request.limit = limits::settlement_rows_max;
    p.deadline = steady_clock::now() + std::chrono::seconds(30);
    settle(p);
    if (p.code != result_code::ok) ++refused;
    for (const settlement_row& row : p.rows) {
      if (row.code == result_code::ok) ++made;
      if (row.code != result_code::ok && !waits(row.code)) ++refused;
    }
    const std::lock_guard lock(mutex_);
    if (!automatic_) return;
  } while (p.code == result_code::ok && p.more);
  due_at_ = next_due(now);
  if (refused != 0) due_at_ = std::min(due_at_, now + retry_after);
  if (made + refused == 0) return;
  config::log(refused == 0 ? config::log_level::info : config::log_level::warn, "settled",
              {{"directory", options_.directory}, {"batches", made}, {"refused", refused}});
}

result_code settlement_service::check(const settle_request& r) const {
  const bool reserved = std::any_of(std::begin(r.reserved), std::end(r.reserved), [](auto b) { return b != 0; });
  if (reserved || (r.flags & ~settle_flags::mask) != 0 || r.limit == 0 || r.limit > limits::settlement_rows_max)
    return result_code::query_malformed;
  if (r.through_date != 0 && (!is_day(r.through_date) || r.through_date > utc_day_of(wall_clock())))
    return result_code::settlement_day_wrong;
  return result_code::ok;
}

void settlement_service::settle(page& p) {
  p.rows.clear();
  p.tenants.clear();
  p.more = false;
  p.code = check(p.request);
  if (p.code != result_code::ok) return;
  const commit_seq reach = std::max(journal_.durable_through(), newest_batch_);
  if (!behind_.wait_applied(reach, p.deadline)) {
    p.code = behind_.failure().empty() ? result_code::deadline_exceeded : result_code::unavailable;
    return;
  }
  add_up(p);
  show_existing(p);
  if (!p.dry_run()) make_batches(p);
}

void settlement_service::add_up(page& p) {
  const auto limit = p.request.limit;
  bool left = true;
  p.cursor = p.request.cursor;
  while (left && p.rows.size() < limit) {
    behind_.with_view([&](const ledger_view& view) {
      const auto& all = view.books.unsettled();
      const std::uint64_t end = std::min<std::uint64_t>(all.size(), p.cursor + places_per_turn);
      p.sequence = view.applied_seq;
      for (; p.cursor < end && p.rows.size() < limit; ++p.cursor)
        look_at(view, static_cast<std::uint32_t>(p.cursor), p);
      left = p.cursor < all.size();
    });
  }
  p.more = left;
}

/// One account: a row when there is something to say about it. A row of code ok without a sequence is a batch to make.
void settlement_service::look_at(const ledger_view& view, std::uint32_t place, page& p) const {
  const auto& entry = view.books.unsettled().at(place);
  const follower::account_slot& slot = view.accounts.row(entry.ordinal);
  const settle_request& asked = p.request;
  const owner_number merchant = lo64(slot.id);
  if ((p.tenant && slot.tenant != *p.tenant) || (asked.merchant != 0 && asked.merchant != merchant) ||
      (asked.ledger != 0 && asked.ledger != slot.ledger))
    return;
  settlement_row row{};
  row.merchant = merchant;
  row.ledger = slot.ledger;
  row.as_of = view.applied_seq;
  row.settled_before = entry.sums.settled_through();
  const auto add = [&](result_code code) {
    row.code = code;
    if (p.dry_run()) row.flags |= settlement_row_flags::dry_run;
    p.rows.push_back(row);
    p.tenants.push_back(slot.tenant);
  };
  const auto versions = options_.payments();
  const core::catalog::payment_catalog& catalog = versions->active(wall_clock());
  const settlement_plan* plan = catalog.settlement_plan_of(merchant);
  if (plan == nullptr) {
    if (asked.merchant != 0) add(result_code::settlement_plan_missing);
    return;
  }
  row.through_date = asked.through_date != 0 ? asked.through_date : plan->due_through(wall_clock());
  if (row.settled_before >= row.through_date) {
    if (p.by_itself()) return;
    if (row.settled_before == row.through_date) {
      row.flags = settlement_row_flags::replayed;
      add(result_code::ok);
    } else if (asked.merchant != 0) {
      add(result_code::settlement_day_passed);
    }
    return;
  }
  const auto due = entry.sums.net_through(row.through_date);
  row.gross_minor = due.minor;
  if (due.minor == 0) return;
  if (due.negative) {
    row.flags = settlement_row_flags::negative;
    return add(result_code::settlement_negative);
  }
  if (due.minor < plan->minimum_of(row.ledger)) return add(result_code::settlement_below_minimum);
  const auto parts = core::catalog::divide_settlement(*plan, catalog.parts().fees, row.ledger, row.gross_minor);
  if (parts.error == core::catalog::fee_error::no_schedule) return add(result_code::ledger_not_allowed);
  if (parts.error != core::catalog::fee_error::ok) return add(result_code::posting_impossible);
  row.fee_minor = parts.fee_minor;
  row.reserve_minor = parts.reserve_minor;
  row.available_minor = parts.available_minor;
  row.order = settlement_id_of(merchant, row.ledger, row.through_date);
  add(result_code::ok);
}

/// Rows of batches that were made before get their figures.
void settlement_service::show_existing(page& p) {
  for (std::size_t i = 0; i < p.rows.size(); ++i) {
    settlement_row& row = p.rows[i];
    if ((row.flags & settlement_row_flags::replayed) == 0) continue;
    const auto flags = row.flags;
    if (!engine_->settlement_batch(p.tenants[i], row.merchant, row.ledger, row.through_date, p.sequence, row))
      throw storage::storage_failure("journal: a settlement batch of merchant " + std::to_string(row.merchant) +
                                     " is missing");
    row.flags = flags;
  }
}

void settlement_service::make_batches(page& p) {
  std::vector<order_record> orders;
  std::vector<tenant_id> tenants;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < p.rows.size(); ++i) {
    const settlement_row& row = p.rows[i];
    if (row.code != result_code::ok || row.sequence != 0) continue;
    order_record order{};
    order.id = row.order;
    order.business_id = settlement_business_id(row.ledger, row.through_date);
    order.amount_minor = row.gross_minor;
    order.user_data_128 = row.settled_before;
    order.user_data_64 = row.as_of;
    order.merchant = row.merchant;
    order.ledger = row.ledger;
    order.product = settlement_product;
    order.flags = order_flags::pay_now;
    orders.push_back(order);
    tenants.push_back(p.tenants[i]);
    places.push_back(i);
  }
  if (orders.empty()) return;
  const std::vector<result_record> answers = partition_->submit_orders(orders, tenants)->wait();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    settlement_row& row = p.rows[places[i]];
    row.code = answers[i].code;
    if (row.code != result_code::ok) continue;
    row.sequence = answers[i].sequence;
    row.timestamp = answers[i].timestamp;
    newest_batch_ = std::max(newest_batch_, row.sequence);
  }
  p.sequence = std::max(p.sequence, newest_batch_);
}

}  // namespace payloom::app
