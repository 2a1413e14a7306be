#include "tests/hot/hot_run.hpp"

#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>

#include "protocol/client/bulk.hpp"
#include "protocol/types/u128_text.hpp"
#include "tests/crash/server_draw.hpp"
#include "tests/hot/hot_load.hpp"
#include "tests/hot/hot_marker.hpp"
#include "tests/hot/hot_world.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/run_program.hpp"

namespace payloom::hot {
namespace {

constexpr std::uint32_t records_per_frame = 5000;

std::int64_t balance_of(u128 credits, u128 debits) {
  return static_cast<std::int64_t>(lo64(credits)) - static_cast<std::int64_t>(lo64(debits));
}

}  // namespace

hot_run::hot_run(hot_options how)
    : how_(std::move(how)), engine_(how_.seed), server_(how_.program), book_(overdraft), other_balances_(others) {}

void hot_run::run() {
  for (std::uint32_t i = 0; i < how_.rounds; ++i) round(i);
  if (const int code = server_.stop(); code != 0)
    problems.push_back("a drained server ended with code " + std::to_string(code));
  check_verify({"--data", server_.data()});
  if (moves == 0) problems.push_back("the account never moved");
  if (book_.refusals() == 0) problems.push_back("nothing was refused: the balance was never at its limit");
}

/// Every second round the configuration names the account, so that a restart changes the set; the other id is nobody's.
void hot_run::start(std::uint32_t round) {
  const crash::server_draw draw(engine_);
  drawn_ = draw.text;
  configured_ = round % 2 == 1;
  const std::string file = server_.beside("payloom.yaml");
  std::ofstream(file) << "hot_accounts: [0xfade" << (configured_ ? ", " + to_hex(hot_account.value) : "") << "]\n";
  server_.start(draw.set, {"--config", file});
}

void hot_run::open_accounts() {
  auto to = support::connect(server_.address());
  client::for_each_frame<account_record>(
      to, frame_type::create_accounts, others + 1, records_per_frame,
      [](std::uint64_t i) {
        return i == others ? make_account(hot_account, true)
                           : make_account(other_account(static_cast<std::uint32_t>(i)), false);
      },
      [this](std::uint64_t, std::uint32_t count, const client::reply& reply) {
        const auto results = reply.rows<result_record>();
        for (std::uint32_t i = 0; i < count; ++i) {
          if (i >= results.size() || results[i].code != result_code::ok)
            problems.push_back("an account was not opened");
        }
      });
}

void hot_run::round(std::uint32_t number) {
  start(number);
  if (number == 0) {
    open_accounts();
  } else {
    check();  // what was there before the restart
  }
  load_and_mark();
  check();
  std::printf(
      "round %u: %s%s; moves %llu, accepted %llu, refused %llu, nothing happened %llu, balance %lld, lowest %lld "
      "(limit %lld), problems %zu\n",
      number + 1, drawn_.c_str(), configured_ ? ", configured hot" : "", static_cast<unsigned long long>(moves),
      static_cast<unsigned long long>(book_.moves()), static_cast<unsigned long long>(book_.refusals()),
      static_cast<unsigned long long>(answered), static_cast<long long>(book_.balance()),
      static_cast<long long>(book_.lowest()), static_cast<long long>(-overdraft), problems.size());
  std::fflush(stdout);
  if (number + 1 == how_.rounds) return;
  if (number % 2 == 0) {
    server_.kill();
  } else if (const int code = server_.stop(); code != 0) {
    problems.push_back("a drained server ended with code " + std::to_string(code));
  }
}

void hot_run::load_and_mark() {
  std::vector<hot_load> load;
  for (std::uint32_t i = 0; i < how_.connections; ++i) {
    hot_load::settings s;
    s.address = server_.address();
    s.seed = engine_();
    s.events_per_second = how_.events_per_second / how_.connections;
    s.batch_max = i % 2 == 0 ? limits::frame_events_max : 100;
    s.window = 1 + static_cast<std::uint32_t>(engine_() % 4);
    load.emplace_back(s);
  }
  hot_marker::settings m;
  m.address = server_.address();
  m.seed = engine_();
  m.configured = configured_;
  m.marked = marked_;
  m.changes = how_.changes;
  m.every = std::chrono::milliseconds(how_.every_ms);
  hot_marker marker(m);

  std::atomic<bool> stop_load{false}, stop_marks{false};
  std::vector<std::thread> threads;
  for (hot_load& l : load)
    threads.emplace_back([&] {
      l.run(stop_load);
      if (!l.failed.empty()) stop_marks = true;  // nothing to prove a move with
    });
  marker.run(stop_marks);
  stop_load = true;
  for (std::thread& t : threads) t.join();
  problems.insert(problems.end(), marker.problems.begin(), marker.problems.end());
  marked_ = marker.marked();
  moves += marker.moves();
  take(load);
}

void hot_run::take(const std::vector<hot_load>& load) {
  for (const hot_load& l : load) {
    if (!l.failed.empty()) problems.push_back("a connection did not last: " + l.failed);
    for (const hot_load::outcome& o : l.outcomes) {
      switch (o.code) {
        case result_code::ok:
          book_.moved(o.sequence, o.change);
          other_balances_[o.other] -= o.change;
          break;
        case result_code::exceeds_credits:
          if (o.change > 0) problems.push_back("a credit was refused for lack of funds");
          book_.refused(o.sequence, -o.change);
          break;
        case result_code::busy:
        case result_code::overloaded:
        case result_code::deadline_exceeded:
          ++answered;
          break;
        default:
          problems.push_back("a transfer was answered " + std::string(name_of(o.code)));
      }
    }
  }
  book_.settle(problems);
}

void hot_run::check() {
  auto to = support::connect(server_.address());
  check_balances(to);
  check_statement(to);
  check_verify({"--address", server_.address()});
}

void hot_run::check_balances(client::blocking_connection& to) {
  std::uint32_t wrong = 0, seen = 0;
  std::int64_t sum = 0;
  client::for_each_frame<id_record>(
      to, frame_type::lookup_accounts, others + 1, records_per_frame,
      [](std::uint64_t i) {
        return id_record{i == others ? hot_account.value : other_account(static_cast<std::uint32_t>(i)).value};
      },
      [&](std::uint64_t first, std::uint32_t count, const client::reply& reply) {
        const auto rows = reply.rows<account_row>();
        for (std::uint32_t i = 0; i < count && i < rows.size(); ++i, ++seen) {
          const std::int64_t is = balance_of(rows[i].counters.credits_posted, rows[i].counters.debits_posted);
          sum += is;
          wrong += is != (first + i == others ? book_.balance() : other_balances_[first + i]);
          const bool flagged = (rows[i].flags & account_flags::hot) != 0;
          if (first + i == others && flagged != marked_)
            problems.push_back("the flag is not what the last change made it");
        }
      });
  if (seen != others + 1) problems.push_back("accounts are missing");
  if (wrong != 0)
    problems.push_back(std::to_string(wrong) + " accounts are not what the accepted transfers make of them");
  if (sum != 0) problems.push_back("the sum is " + std::to_string(sum));
}

/// The server's own statement of the last round, line by line, against the book.
void hot_run::check_statement(client::blocking_connection& to) {
  const auto& points = book_.points();
  if (points.empty()) return;
  query_record ask{};
  ask.account = hot_account;
  ask.sequence_from = points.front().at;
  ask.limit = limits::query_rows_max;
  std::size_t line = 0, wrong = 0;
  for (bool more = true; more;) {
    const client::reply page = to.call(frame_type::statement, std::span<const query_record>(&ask, 1));
    if (page.code() != result_code::ok) throw std::runtime_error("statement: " + std::string(name_of(page.code())));
    for (const statement_row& row : page.rows<statement_row>()) {
      if (line >= points.size()) break;
      const bool same = row.sequence == points[line].at &&
                        balance_of(row.credits_posted_after, row.debits_posted_after) == points[line].amount;
      wrong += !same;
      ++line;
    }
    more = (page.header.flags & frame_flags::more) != 0 && line < points.size();
    ask.cursor = page.header.cursor;
  }
  if (line != points.size() || wrong != 0) {
    problems.push_back("the statement has " + std::to_string(line) + " of " + std::to_string(points.size()) +
                       " lines, " + std::to_string(wrong) + " of them wrong");
  }
}

void hot_run::check_verify(std::vector<std::string> where) {
  where.insert(where.begin(), {how_.program, "verify", "--json"});
  const auto said = support::run_program(where);
  if (said.exit_code != 0)
    problems.push_back("payloom verify ends with " + std::to_string(said.exit_code) + ": " + said.out + said.err);
}

}  // namespace payloom::hot
