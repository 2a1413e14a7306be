#pragma once
// One connection of the load: every transfer touches the hot account, 70 % credit it, 30 % debit it, with amounts that
// want a little more out than comes in, so that its balance hovers at its limit. Keeps what came of every event. One
// thread runs it; the results are read after that.
#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/types/records.hpp"

namespace payloom::hot {

class hot_load {
 public:
  struct settings {
    std::string address;
    std::uint64_t seed = 0;
    double events_per_second = 0;  ///< 0: as many as it can
    std::uint32_t batch_max = 0;   ///< frames have 1 .. so many events
    std::uint32_t window = 0;      ///< frames in flight
  };
  /// What came of one event.
  struct outcome {
    commit_seq sequence;  ///< ok: its commit; refused: as_of
    std::int64_t change;  ///< of the hot account, had it been accepted
    std::uint32_t other;  ///< number of the account on the other side
    result_code code;
  };

  explicit hot_load(settings how);

  /// Sends until `stop`, then waits for what is in flight. `failed` says why when the connection did not last.
  void run(const std::atomic<bool>& stop);

  std::vector<outcome> outcomes;
  std::string failed;

 private:
  void send_frame(client::blocking_connection& to);
  void take(const client::reply& reply);

  settings how_;
  std::mt19937_64 engine_;
  client::id_generator ids_;
  std::map<std::uint64_t, std::vector<outcome>> in_flight_;  ///< by request number
  std::uint64_t events_ = 0;
};

}  // namespace payloom::hot
