#pragma once
// The whole run: rounds of load and marks against the real server, with other settings, another `hot_accounts` and
// another end of the process each time, and the checks after each. Not thread-safe.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "tests/hot/limit_book.hpp"
#include "tests/support/own_server.hpp"

namespace payloom::hot {

struct hot_options {
  std::string program;  ///< the payloom binary
  std::uint64_t seed = 0;
  std::uint32_t rounds = 3;
  std::uint32_t changes = 15;    ///< marks and unmarks in a round
  std::uint32_t every_ms = 200;  ///< between two of them
  std::uint32_t connections = 4;
  double events_per_second = 60'000;  ///< over all connections, 0: as many as they can
};

class hot_run {
 public:
  explicit hot_run(hot_options how);

  /// Throws what stops the run altogether; everything else is in `problems`.
  void run();

  std::vector<std::string> problems;
  std::uint64_t moves = 0;     ///< of the account between its home and the hot-account shards, each one seen
  std::uint64_t answered = 0;  ///< events that came to nothing but may be sent again: busy, overloaded, deadline
  const limit_book& book() const { return book_; }
  support::own_server& server() { return server_; }

 private:
  void start(std::uint32_t round);
  void open_accounts();
  void round(std::uint32_t number);
  void load_and_mark();
  void take(const std::vector<class hot_load>& load);
  void check();
  void check_balances(client::blocking_connection& to);
  void check_statement(client::blocking_connection& to);
  void check_verify(std::vector<std::string> where);

  hot_options how_;
  std::mt19937_64 engine_;
  support::own_server server_;
  limit_book book_;
  std::vector<std::int64_t> other_balances_;
  bool configured_ = false;
  bool marked_ = false;
  std::string drawn_;
};

}  // namespace payloom::hot
