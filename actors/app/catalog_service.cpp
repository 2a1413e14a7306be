#include "actors/app/catalog_service.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <nlohmann/json.hpp>

#include "actors/app/reply.hpp"
#include "config/log.hpp"
#include "protocol/types/catalog_records.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::app {

using config::log;
using config::log_level;
using core::catalog::catalog_entry;
using core::catalog::version_state;

namespace {

using json = nlohmann::ordered_json;  // tables show the fields in this order

/// The problems of a reply are not longer; what is left out is counted.
constexpr std::size_t problems_bytes_max = 1u << 20;
static_assert(problems_bytes_max < wire::reply_bytes_max - 4096);
constexpr auto shards_patience = std::chrono::seconds(10);

time_ns wall_clock() {
  using namespace std::chrono;
  return static_cast<time_ns>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}

const char* text_of(version_state s) {
  switch (s) {
    case version_state::scheduled:
      return "scheduled";
    case version_state::active:
      return "active";
    case version_state::superseded:
      return "superseded";
    case version_state::retired:
      return "retired";
  }
  return "?";
}

/// A zero padded text of a record; nullopt when it is none.
template <std::size_t N>
std::optional<std::string> text_in(const char (&bytes)[N]) {
  const std::string text(bytes, std::find(bytes, bytes + N, '\0'));
  const bool padded = std::all_of(bytes + text.size(), bytes + N, [](char c) { return c == '\0'; });
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (text.size() == N || !padded || std::ranges::any_of(text, is_control)) return std::nullopt;
  return text;
}

std::string dump(const json& all) { return all.dump(-1, ' ', false, json::error_handler_t::replace); }

json json_of(const catalog_outcome& out) {
  json all = {{"accepted", out.accepted()}, {"version", out.version}, {"known", out.known}};
  json problems = json::array();
  std::size_t bytes = 0, shown = 0;
  for (; shown < out.problems.size(); ++shown) {
    bytes += dump(out.problems[shown]).size() + 1;
    if (bytes > problems_bytes_max) break;
    problems.push_back(out.problems[shown]);
  }
  if (shown < out.problems.size()) problems.push_back("and " + std::to_string(out.problems.size() - shown) + " more");
  all["problems"] = std::move(problems);
  return all;
}

/// What a frame asks for; nullopt when a field says something that cannot be.
std::optional<catalog_signature> signature_of(const load_catalog_record& asked) {
  const auto maker = text_in(asked.maker), checker = text_in(asked.checker), note = text_in(asked.note);
  if (!maker || !checker || !note || asked.reserved0 != 0 || asked.reserved1 != 0) return std::nullopt;
  return catalog_signature{wall_clock(), *maker, *checker, *note};
}

void complete_text(command_frame& f, const std::string& text) {
  auto rows = std::make_unique<net::reply_rows>();
  const auto bytes = std::as_bytes(std::span(text));
  rows->bytes.assign(bytes.begin(), bytes.end());
  complete(f, std::move(rows));
}

void complete_code(command_frame& f, result_code code) {
  auto rows = std::make_unique<net::reply_rows>();
  rows->code = code;
  complete(f, std::move(rows));
}

}  // namespace

catalog_service::catalog_service(const std::string& source, const config::ledger_directory& ledgers,
                                 const std::string& data_directory)
    : book_(source, ledgers, data_directory, wall_clock()), current_(book_.registry()) {}

catalog_service::~catalog_service() { stop(); }

std::shared_ptr<const core::catalog::catalog_registry> catalog_service::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void catalog_service::start(actors::partition& partition) {
  partition_ = &partition;
  log(log_level::info, "catalog",
      {{"active", registry()->active(wall_clock()).version()}, {"versions", book_.stored().size()}});
  thread_ = std::thread([this] { run(); });
}

void catalog_service::submit(command_frame& frame) {
  {
    const std::lock_guard lock(mutex_);
    frames_.push_back(&frame);
  }
  wake_.notify_one();
}

void catalog_service::reload() {
  {
    const std::lock_guard lock(mutex_);
    reload_asked_ = true;
  }
  wake_.notify_one();
}

void catalog_service::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void catalog_service::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || reload_asked_ || !frames_.empty(); });
    std::deque<command_frame*> frames = std::exchange(frames_, {});
    const bool reload = std::exchange(reload_asked_, false);
    const bool last = stopping_;
    lock.unlock();
    if (reload && !last) work(nullptr);
    for (command_frame* f : frames) last ? complete_code(*f, result_code::draining) : work(f);
    if (last) return;
    lock.lock();
  }
}

void catalog_service::work(command_frame* f) {
  if (f == nullptr) {
    load(nullptr);
    return;
  }
  if (f->type() == frame_type::list_catalogs) return complete_text(*f, list());
  if (f->type() == frame_type::rules_diff) return complete_text(*f, diff());
  const std::string text = load(reinterpret_cast<const load_catalog_record*>(f->records));
  text.empty() ? complete_code(*f, result_code::query_malformed) : complete_text(*f, text);
}

/// "" when the record says nothing that can be done.
std::string catalog_service::load(const load_catalog_record* asked) {
  load_catalog_record by_signal{};
  by_signal.action = catalog_action::reload;
  if (asked == nullptr) asked = &by_signal;
  const std::optional<catalog_signature> by = signature_of(*asked);
  if (!by) return "";
  catalog_outcome out;
  switch (asked->action) {
    case catalog_action::reload:
    case catalog_action::check:
      out = book_.reload(*by, asked->version, asked->action == catalog_action::check);
      break;
    case catalog_action::retire:
      out = book_.retire(asked->version, *by);
      break;
    default:
      return "";
  }
  const bool changed = out.accepted() && !out.known && asked->action != catalog_action::check;
  if (changed) {
    partition_->set_payments(registry());
    const std::lock_guard lock(mutex_);
    current_ = registry();
  }
  const std::uint32_t active = registry()->active(wall_clock()).version();
  if (out.accepted()) {
    log(log_level::info, changed ? "catalog_changed" : "catalog_unchanged",
        {{"version", out.version}, {"active", active}, {"maker", by->maker}, {"checker", by->checker}});
  } else {
    log(log_level::warn, "catalog_refused", {{"problems", out.problems.size()}, {"first", out.problems.front()}});
  }
  json all = json_of(out);
  all["active"] = active;
  return dump(all);
}

void catalog_service::visit_shards(std::function<void(const core::order_book&)> each) {
  struct visit {
    std::mutex mutex;
    bool over = false;  ///< nobody waits any more: `each` is not there
    std::function<void(const core::order_book&)> each;
    std::promise<void> done;
  };
  auto all = std::make_shared<visit>();
  all->each = std::move(each);
  partition_->visit_orders(
      [all](const core::order_book& book) {
        const std::lock_guard lock(all->mutex);
        if (!all->over) all->each(book);
      },
      [all] { all->done.set_value(); });
  all->done.get_future().wait_for(shards_patience);
  const std::lock_guard lock(all->mutex);
  all->over = true;
}

std::vector<core::catalog::version_counts::count> catalog_service::count_orders() {
  std::vector<core::catalog::version_counts::count> counts;
  visit_shards(
      [&](const core::order_book& book) { counts.insert(counts.end(), book.begun().begin(), book.begun().end()); });
  return counts;
}

/// What watched rules of all versions would have done, since the start.
std::string catalog_service::diff() {
  rules_report report;
  for (const catalog_entry& e : registry()->entries()) report.add_rules(*e.catalog);
  visit_shards([&](const core::order_book& book) { report.add_counts(book.watched_rules()); });
  return dump(report.diff());
}

std::string catalog_service::list() {
  const time_ns now = wall_clock();
  const auto counts = count_orders();
  json versions = json::array();
  for (std::size_t i = 0; i < book_.stored().size(); ++i) {
    const stored_catalog& s = book_.stored()[i];
    const catalog_entry& e = registry()->entries()[i];
    std::uint64_t orders = 0;
    for (const auto& [version, n] : counts) orders += version == s.version ? n : 0;
    json row = {{"version", s.version},
                {"state", text_of(registry()->state_of(e, now))},
                {"effective_from_ns", e.active_from()},
                {"accepted_ns", s.accepted.at},
                {"retired_ns", s.retired ? s.retired->at : 0},
                {"orders_since_start", orders},
                {"maker", s.accepted.maker},
                {"checker", s.accepted.checker},
                {"note", s.accepted.note},
                {"sha256", s.hash}};
    versions.push_back(std::move(row));
  }
  const core::catalog::payment_catalog& active = registry()->active(now);
  return dump({{"active", active.version()}, {"versions", std::move(versions)}, {"rules", rules_json(active)}});
}

}  // namespace payloom::app
