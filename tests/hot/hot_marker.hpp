#pragma once
// Marks one account hot and unmarks it, again and again, and makes sure that it really moved each time: the server's
// counters say which shards handled the load. Works only while there is load. One thread.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/client/id_generator.hpp"

namespace payloom::hot {

class hot_marker {
 public:
  struct settings {
    std::string address;
    std::uint64_t seed = 0;
    bool configured = false;  ///< it is in `hot_accounts`: it stays in the hot-account shards whatever its flag says
    bool marked = false;      ///< its flag at the start
    std::uint32_t changes = 0;
    std::chrono::milliseconds every{200};
  };

  explicit hot_marker(settings how);

  /// Makes `changes` changes, one each `every` (later if a move takes longer), or until `stop`.
  void run(const std::atomic<bool>& stop);

  std::vector<std::string> problems;
  bool marked() const { return how_.marked; }
  std::uint64_t moves() const { return moves_; }  ///< each one counted by the server and seen in what its shards do

 private:
  struct handled {
    std::uint64_t home = 0, hot = 0;  ///< events, by the two kinds of account shards
    std::uint64_t moves = 0;          ///< of any account; here only one can
  };
  void change(client::blocking_connection& to);
  /// Waits until the load proves where the account is; false and a problem when it does not.
  bool see_place(client::blocking_connection& to, const std::atomic<bool>& stop);
  static handled read(client::blocking_connection& from);

  settings how_;
  client::id_generator ids_;
  std::uint64_t moves_ = 0;
};

}  // namespace payloom::hot
