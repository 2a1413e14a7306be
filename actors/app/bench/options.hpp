#pragma once
// What `payloom bench` can be told, with its bounds.
#include <cstdint>
#include <string>
#include <vector>

namespace payloom::bench {

struct options {
  std::string address = "127.0.0.1:7400";
  std::uint64_t accounts = 10'000;  ///< 2 .. 100 million
  std::uint64_t transfers = 0;      ///< 0: until `seconds` are over
  double seconds = 5;               ///< 0: until `transfers` are sent
  bool seconds_given = false;       ///< by the user: then they count instead of the scenario's
  std::uint32_t batch = 8190;       ///< transfers (orders) in a frame, 1 .. 8190
  std::uint32_t connections = 1;    ///< 1 .. 4096
  std::uint32_t window = 2;         ///< frames in flight on each connection, 1 .. 4096
  unsigned hot_percent = 0;
  double rate = 0;                ///< transfers per second of the open loop; 0: closed loop
  std::uint64_t seed = 0;         ///< 0: drawn anew
  bool two_phase = false;         ///< each frame of holds is followed by the frame of their captures
  bool orders = false;            ///< instead of transfers: orders that are paid at once, from users to merchants
  std::uint64_t merchants = 100;  ///< orders: 1 .. 1 million
  std::uint64_t waiting = 0;      ///< orders: made before the load and never paid
  std::uint64_t holding = 0;      ///< orders: escrow sales paid before the load, which stay in the server's memory
  std::string scenario_file;      ///< instead of all these: what the file says; empty: none
  bool limits = true;             ///< accounts with debits_must_not_exceed_credits
  bool embedded = false;
  bool progress = false;
  bool json = false;
  bool keep_data = false;
  std::string data_parent;                    ///< embedded: where the temporary directory is made; empty: the system's
  std::vector<std::string> server_settings;   ///< embedded: `--set` arguments passed on, KEY=VALUE
  std::vector<std::string> server_arguments;  ///< embedded: passed on as they are
  std::string sweep;                          ///< KEY=a,b,c
  std::string hgrm_file;
  /// Events the follower may be behind when the run ends: an index run shorter than this waits for more events.
  std::int64_t max_lag = 16'384;
  double catch_up_seconds = 60;    ///< how long to wait for that
  std::uint64_t sample = 100'000;  ///< acknowledged ids looked up by the check, beside those of the last second; 0: all
  bool check = true;
  double reconnect_seconds = 30;  ///< a connection that broke and stays away so long is given up
};

}  // namespace payloom::bench
