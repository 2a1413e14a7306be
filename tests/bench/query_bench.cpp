// Goal: how long queries take at a running server, also while something else loads it, as a client sees it.
// Method: `load` writes transfers in W1's shape (frames of 8,190, uniform accounts with limits checked), each with one
// of many values in user_data_64, and waits for the index. `ask` then asks, one at a time, pages of statements of
// random accounts of the whole server, and filters over the loaded part that no summary can answer, checks every
// answer, and prints one JSON object. usage:
//   query_bench load ADDRESS TRANSFERS [ACCOUNTS=10000]
//   query_bench ask ADDRESS TRANSFERS [SECONDS=10] [ROWS=1000]      TRANSFERS: as loaded
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/app/bench/lag.hpp"
#include "actors/app/bench/workload.hpp"
#include "protocol/client/bulk.hpp"

namespace {

using namespace payloom;
using clock_type = std::chrono::steady_clock;

constexpr std::uint64_t rows_per_value = 10;  ///< transfers that share a value of user_data_64
constexpr std::uint64_t seed = 0x5eed0f9e51e5;
constexpr std::uint64_t lag_max = 16'384;  ///< an idle follower leaves fewer than this un-indexed
constexpr double catch_up_seconds_max = 300;
constexpr double filter_share = 0.3;  ///< of the time
constexpr std::uint32_t accounts_per_page = 5000;

/// The value that transfer `n` carries: each of them `rows_per_value` times, and so spread that any stretch of the
/// journal has low and high ones: no summary of a chunk can leave it out.
class spread {
 public:
  explicit spread(std::uint64_t transfers) : values_(transfers / rows_per_value), stride_(values_ * 5 / 8 + 1) {
    while (std::gcd(stride_, values_) != 1) ++stride_;
  }
  std::uint64_t values() const { return values_; }
  std::uint64_t value_of(std::uint64_t n) const { return 1 + n % values_ * stride_ % values_; }

 private:
  std::uint64_t values_, stride_;
};

struct failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

double ms_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

client::blocking_connection connect(const std::string& address) {
  return client::blocking_connection({.address = address, .client_name = "query_bench", .timeout_ms = 60'000});
}

// ---------------------------------------------------------------------------------------------------------- load

void expect_ok(const client::reply& answer, std::uint32_t count) {
  if (answer.code() != result_code::ok) throw failed(std::string(name_of(answer.code())));
  const auto results = answer.rows<result_record>();
  if (results.size() < count) throw failed("too few results");
  for (std::uint32_t i = 0; i < count; ++i) {
    if (results[i].code != result_code::ok) throw failed(std::string(name_of(results[i].code)));
  }
}

account_record account_of(const bench::workload& shape, std::uint64_t i) {
  account_record a{};
  a.id = shape.account(i);
  a.ledger = bench::workload::ledger;
  a.code = bench::workload::code;
  a.flags = account_flags::history;  // running balances are the dearer case
  if (i != shape.accounts()) a.flags |= account_flags::debits_must_not_exceed_credits;
  return a;
}

transfer_record transfer_of(const bench::workload& shape, transfer_id id, account_id debit, account_id credit,
                            std::uint64_t amount) {
  transfer_record t{};
  t.id = id;
  t.debit_account = debit;
  t.credit_account = credit;
  t.amount_minor = amount;
  t.ledger = shape.ledger;
  t.code = shape.code;
  return t;
}

void load(const std::string& address, std::uint64_t transfers, std::uint64_t accounts) {
  const bench::workload shape(seed, accounts, 0);
  client::blocking_connection to = connect(address);
  const auto check = [](std::uint64_t, std::uint32_t count, const client::reply& answer) { expect_ok(answer, count); };
  client::for_each_frame<account_record>(
      to, frame_type::create_accounts, accounts + 1, limits::frame_events_max,
      [&](std::uint64_t i) { return account_of(shape, i); }, check);
  client::for_each_frame<transfer_record>(
      to, frame_type::create_transfers, accounts, limits::frame_events_max,
      [&](std::uint64_t i) {
        return transfer_of(shape, shape.funding(i), shape.account(accounts), shape.account(i), shape.funding_amount);
      },
      check);
  const spread values(transfers);
  const auto start = clock_type::now();
  const auto make = [&](std::uint64_t n) {
    const bench::movement m = shape.movement_of(n);
    transfer_record t =
        transfer_of(shape, shape.transfer(n), shape.account(m.debit), shape.account(m.credit), m.amount);
    t.user_data_64 = values.value_of(n);
    return t;
  };
  client::for_each_frame<transfer_record>(to, frame_type::create_transfers, transfers - 1, limits::frame_events_max,
                                          make, check);
  // The last one alone: frames and shards may overtake each other, and its sequence bounds what `ask` looks at.
  client::for_each_frame<transfer_record>(
      to, frame_type::create_transfers, 1, 1, [&](std::uint64_t) { return make(transfers - 1); }, check);
  const double load_ms = ms_since(start);
  if (!bench::wait_for_follower(to, lag_max, catch_up_seconds_max).within_bound) throw failed("the index stays behind");
  std::printf("{\"transfers\": %lu, \"accounts\": %lu, \"seconds\": %.2f, \"caught_up_seconds\": %.2f}\n", transfers,
              accounts, load_ms * 1e-3, ms_since(start) * 1e-3);
}

// ----------------------------------------------------------------------------------------------------------- ask

struct samples {
  std::vector<double> ms;

  double at(double share) const {
    return ms.empty() ? 0
                      : ms[std::min(ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
  }
  std::string json() {
    std::sort(ms.begin(), ms.end());
    char text[160];
    std::snprintf(text, sizeof text, "{\"count\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}",
                  ms.size(), at(0.5), at(0.99), at(1));
    return text;
  }
};

class asker {
 public:
  asker(const std::string& address, std::uint64_t transfers, std::uint32_t rows)
      : connection_(connect(address)),
        probe_(connect(address)),
        transfers_(transfers),
        values_(transfers),
        rows_(rows) {
    find_accounts();
    const auto edge = [&](std::uint16_t flags) {
      query_record q{};
      q.limit = 1;
      q.flags = flags;
      const client::reply r = ask(frame_type::list_transfers, q);
      if (r.rows<transfer_row>().empty()) throw failed("there are no transfers");
      return r.rows<transfer_row>()[0];
    };
    first_time_ = edge(0).timestamp;
    last_time_ = edge(query_flags::backward).timestamp;
    // What is asked for by filters ends with the last loaded transfer: later ones are skipped by their chunks.
    query_record last{};
    last.limit = rows_per_value;
    last.user_data_64 = values_.value_of(transfers_ - 1);
    const auto found = ask(frame_type::list_transfers, last);
    if (found.rows<transfer_row>().size() != rows_per_value) throw failed("the loaded transfers are not all there");
    loaded_end_ = found.rows<transfer_row>()[rows_per_value - 1].sequence;
  }

  void run(double seconds) {
    const auto start = clock_type::now();
    double spent_filtering = 0;
    while (ms_since(start) < seconds * 1e3) {
      if (spent_filtering < filter_share * ms_since(start)) {
        const double took = filter();
        filters_.ms.push_back(took / (static_cast<double>(transfers_) * 1e-6));
        spent_filtering += took;
      }
      for (const char* kind : {"newest", "oldest", "by_time", "by_sequence"}) page(kind);
      pings_.ms.push_back(ping());
    }
  }

  void print() {
    std::printf("{\"behind\": %lu, \"sequence\": %lu, \"accounts\": %zu, \"rows_a_page\": %u, \"rows_read\": %lu,\n",
                transfers_, sequence_, accounts_.size(), rows_, rows_read_);
    std::printf(" \"page\": %s,\n", all_.json().c_str());
    for (auto& [kind, times] : kinds_) std::printf(" \"page_%s\": %s,\n", kind.c_str(), times.json().c_str());
    std::printf(" \"one_balance\": %s,\n \"ping\": %s,\n", balances_.json().c_str(), pings_.json().c_str());
    std::printf(" \"filter_per_million\": %s}\n", filters_.json().c_str());
  }

 private:
  client::reply ask(frame_type type, const query_record& query) {
    client::reply r = connection_.call(type, std::span{&query, 1});
    if (r.code() != result_code::ok)
      throw failed(std::string("a query was refused: ") + std::string(name_of(r.code())));
    if (r.header.sequence < sequence_) throw failed("an answer is older than the one before");
    sequence_ = r.header.sequence;
    return r;
  }

  void find_accounts() {
    query_record q{};
    q.limit = accounts_per_page;
    bool more = true;
    while (more) {
      const client::reply r = ask(frame_type::list_accounts, q);
      for (const account_row& row : r.rows<account_row>()) accounts_.push_back(row.id);
      more = (r.header.flags & frame_flags::more) != 0;
      q.cursor = r.header.cursor;
    }
    if (accounts_.empty()) throw failed("there are no accounts");
  }

  void page(const char* kind) {
    query_record q{};
    q.account = accounts_[random_() % accounts_.size()];
    q.limit = rows_;
    const bool backward = kind == std::string("newest") || random_() % 2 == 0;
    if (kind != std::string("oldest") && backward) q.flags = query_flags::backward;
    if (kind == std::string("by_time")) {
      const time_ns at = first_time_ + random_() % (last_time_ - first_time_ + 1);
      (backward ? q.time_to : q.time_from) = at;
    } else if (kind == std::string("by_sequence")) {
      const commit_seq at = 1 + random_() % sequence_;
      (backward ? q.sequence_to : q.sequence_from) = at;
    }
    const auto start = clock_type::now();
    const client::reply r = ask(frame_type::statement, q);
    const double took = ms_since(start);
    check_page(q, r.rows<statement_row>());
    rows_read_ += r.rows<statement_row>().size();
    // A page that has fewer lines than it could (the account's first ones by time) says little about a full one.
    if (r.rows<statement_row>().size() < rows_) return;
    all_.ms.push_back(took);
    kinds_[kind].ms.push_back(took);
  }

  void check_page(const query_record& q, std::span<const statement_row> rows) const {
    const bool backward = (q.flags & query_flags::backward) != 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const statement_row& row = rows[i];
      const bool ordered =
          i == 0 || (backward ? row.sequence < rows[i - 1].sequence : row.sequence > rows[i - 1].sequence);
      const bool inside = row.timestamp >= q.time_from && (q.time_to == 0 || row.timestamp <= q.time_to) &&
                          row.sequence >= q.sequence_from && (q.sequence_to == 0 || row.sequence <= q.sequence_to);
      const bool its = row.record.debit_account == q.account || row.record.credit_account == q.account;
      if (!ordered || !inside || !its)
        throw failed("a statement's page is wrong at event " + std::to_string(row.sequence));
      if (i == 0 || (row.debits_posted_after | row.credits_posted_after) == 0) continue;
      const statement_row& newer = backward ? rows[i - 1] : row;
      const statement_row& older = backward ? row : rows[i - 1];
      const bool credit = newer.record.credit_account == q.account;
      if (newer.debits_posted_after - older.debits_posted_after != (credit ? 0 : newer.record.amount_minor) ||
          newer.credits_posted_after - older.credits_posted_after != (credit ? newer.record.amount_minor : 0)) {
        throw failed("a running balance is wrong at event " + std::to_string(row.sequence));
      }
    }
  }

  double filter() {
    query_record q{};
    q.user_data_64 = 1 + random_() % values_.values();
    q.sequence_to = loaded_end_;
    q.limit = rows_;
    const auto start = clock_type::now();
    const client::reply r = ask(frame_type::list_transfers, q);
    const double took = ms_since(start);
    const auto rows = r.rows<transfer_row>();
    const bool good = std::all_of(rows.begin(), rows.end(),
                                  [&](const transfer_row& row) { return row.record.user_data_64 == q.user_data_64; });
    if (!good || rows.size() != rows_per_value || (r.header.flags & frame_flags::more) != 0) {
      throw failed("a filter found " + std::to_string(rows.size()) + " rows");
    }
    return took;
  }

  /// Beside the pages: what any query waits for (one balance), and what any frame does (a ping).
  double ping() {
    const id_record one{accounts_[random_() % accounts_.size()].value};
    const auto start = clock_type::now();
    const client::reply r = connection_.call(frame_type::lookup_accounts, std::span{&one, 1});
    if (r.rows<account_row>().size() != 1) throw failed("an account is gone");
    balances_.ms.push_back(ms_since(start));
    const auto pinged = clock_type::now();
    probe_.call(frame_type::ping, {}, 0);
    return ms_since(pinged);
  }

  client::blocking_connection connection_, probe_;
  std::uint64_t transfers_;
  spread values_;
  std::uint32_t rows_;
  std::vector<account_id> accounts_;
  time_ns first_time_ = 0, last_time_ = 0;
  commit_seq sequence_ = 0, loaded_end_ = 0;
  std::uint64_t rows_read_ = 0;
  std::mt19937_64 random_{7};
  samples all_, filters_, balances_, pings_;
  std::map<std::string, samples> kinds_;
};

std::uint64_t number(int argc, char** argv, int at, std::uint64_t otherwise) {
  return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  const std::uint64_t transfers = number(argc, argv, 3, 0);
  const std::uint64_t rows = number(argc, argv, 5, 1000);
  if ((verb != "load" && verb != "ask") || transfers < rows_per_value || rows == 0 || rows > limits::query_rows_max) {
    std::fprintf(stderr,
                 "usage: query_bench load ADDRESS TRANSFERS [ACCOUNTS]\n"
                 "       query_bench ask ADDRESS TRANSFERS [SECONDS] [ROWS]\n");
    return 2;
  }
  try {
    if (verb == "load") {
      load(argv[2], transfers, number(argc, argv, 4, 10'000));
      return 0;
    }
    asker asks(argv[2], transfers, static_cast<std::uint32_t>(rows));
    asks.run(static_cast<double>(number(argc, argv, 4, 10)));
    asks.print();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "query_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
