#pragma once
// The raw log: request and response bytes of every exchange with a channel, secrets masked, with attempt id and timings
// (GW, raw log). Append-only files of bounded size, written by a thread of its own in batches. It is for people who
// must find out what was said; nothing of the platform depends on it, so a full queue drops and counts.
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "protocol/types/ids.hpp"

namespace payloom::actors {

/// One exchange: what went out and what came, or the other way round for a callback.
struct raw_exchange {
  u128 attempt_id = 0;              ///< 0: it has none (sign-on, a callback that could not be read)
  time_ns began_at = 0;             ///< when the request's first byte was written
  std::uint32_t connect_us = 0;     ///< 0: over a line that was there
  std::uint32_t tls_us = 0;         ///< likewise
  std::uint32_t first_byte_us = 0;  ///< from began_at; 0: no response
  std::uint32_t total_us = 0;
  std::string request;
  std::string response;
};

struct raw_log_options {
  std::filesystem::path directory;            ///< made when it is not there
  std::uint64_t file_bytes_max = 256u << 20;  ///< then the next file begins
  std::uint32_t files_max = 0;                ///< older ones are removed; 0: all stay
  std::size_t queue_bytes_max = 64u << 20;    ///< of exchanges that wait for the thread; more: dropped
  std::vector<std::string> secrets;           ///< texts to mask wherever they stand
};

struct raw_log_counters {
  std::uint64_t written = 0;  ///< exchanges
  std::uint64_t dropped = 0;  ///< the queue was full, or it had been stopped
  std::uint64_t failed = 0;   ///< could not be written
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;  ///< begun
};

class raw_log {
 public:
  explicit raw_log(raw_log_options options);
  ~raw_log();
  raw_log(const raw_log&) = delete;
  raw_log& operator=(const raw_log&) = delete;

  /// Any thread; never waits for the disk. False: dropped.
  bool add(raw_exchange exchange);
  /// Returns when all that was added before has been written.
  void flush();
  /// Writes what is queued and ends the thread; what comes later is dropped.
  void stop();
  raw_log_counters counters() const;

  /// The exchanges of an attempt, oldest first, at most `max`, from all files of a directory; any process may ask.
  static std::vector<raw_exchange> read(const std::filesystem::path& directory, u128 attempt_id,
                                        std::size_t max = 1000);

 private:
  void run();
  void write(std::vector<raw_exchange>& batch);
  bool open_next();

  const raw_log_options options_;
  mutable std::mutex mutex_;  // guards all down to the empty line
  std::condition_variable wake_, idle_;
  std::vector<raw_exchange> queue_;
  std::size_t queue_bytes_ = 0;
  bool stopping_ = false;
  bool writing_ = false;
  raw_log_counters counters_;

  std::ofstream file_;  ///< down to the empty line: the thread's own
  std::uint64_t file_number_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::string text_;

  std::thread thread_;  ///< last: it uses the others
};

}  // namespace payloom::actors
