// Shadow traffic changes nothing of the real: the same seeded load with and without a loaded shadow partition beside it
// leaves the same events in the real journal. In one order (one connection, one frame at a time, one shard of each
// kind) they are the same line by line; in many orders they are the same events.
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "tests/e2e/seeded_load.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/own_server.hpp"
#include "tests/support/run_program.hpp"

namespace payloom::e2e {
namespace {

constexpr std::uint64_t seed = 20'261'122;
constexpr std::uint64_t shadow_frames_min = 3;  ///< answered while the real load ran, or it was not beside it

/// Sends every `step`-th frame of a phase, one at a time, and counts what was refused as a whole.
std::uint64_t send_phase(client::blocking_connection& to, const std::vector<seeded_frame>& phase, std::size_t first,
                         std::size_t step) {
  std::uint64_t refused = 0;
  for (std::size_t i = first; i < phase.size(); i += step)
    refused += to.call(phase[i].type, phase[i].bytes, phase[i].count).code() != result_code::ok;
  return refused;
}

/// The shadow partition under load: the same ids as the real traffic first, then others.
class shadow_traffic {
 public:
  explicit shadow_traffic(const std::string& address) : thread_([this, address] { run(address); }) {
    while (frames_ == 0 && !ended_) std::this_thread::yield();
  }
  ~shadow_traffic() { stop(); }
  std::uint64_t frames() const { return frames_; }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run(const std::string& address) {
    try {
      auto to = support::connect(address, true);
      for (std::uint64_t s = seed; !stop_; ++s) {
        for (const auto& phase : seeded_load(s, 4).phases) {
          for (const seeded_frame& frame : phase) {
            if (stop_) break;
            to.call(frame.type, frame.bytes, frame.count);
            ++frames_;
          }
        }
      }
    } catch (const std::exception& e) {
      ADD_FAILURE() << "the shadow traffic ended: " << e.what();
    }
    ended_ = true;
  }

  std::atomic<bool> stop_{false}, ended_{false};
  std::atomic<std::uint64_t> frames_{0};
  std::thread thread_;
};

struct run_shape {
  std::vector<std::string> set;
  std::size_t connections = 1;
};

/// One run of the real load; returns the real journal's events as `payloom journal dump` tells them.
std::vector<std::string> dump_after(const seeded_load& load, const run_shape& shape, bool beside_shadow) {
  support::own_server server(PAYLOOM_PROGRAM);
  std::vector<std::string> set = shape.set;
  set.insert(set.begin(), {"storage.segment_bytes=16MiB", "accounts.max=100000"});
  if (beside_shadow)
    set.insert(set.end(), {"shadow.listen=127.0.0.1:0", "shadow.directory=" + server.beside("shadow")});
  server.start(set);
  std::unique_ptr<shadow_traffic> shadow;
  if (beside_shadow) {
    while (server.process().addresses().size() < 2 && server.process().running()) std::this_thread::yield();
    shadow = std::make_unique<shadow_traffic>(server.process().addresses().at(1));
  }
  const std::uint64_t shadow_before = shadow ? shadow->frames() : 0;
  for (std::size_t phase = 0; phase < load.phases.size(); ++phase) {
    const std::size_t connections = phase == 0 ? 1 : shape.connections;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < connections; ++i) {
      threads.emplace_back([&, i] {
        auto to = support::connect(server.address(), false);
        EXPECT_EQ(send_phase(to, load.phases[phase], i, connections), 0u);
      });
    }
    for (std::thread& t : threads) t.join();
  }
  if (shadow) {
    EXPECT_GE(shadow->frames() - shadow_before, shadow_frames_min);
    shadow->stop();
  }
  EXPECT_EQ(server.stop(), 0) << server.process().last_lines();
  const auto said = support::run_program({PAYLOOM_PROGRAM, "journal", "dump", "--data", server.data()});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  std::vector<std::string> lines;
  std::istringstream text(said.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// A line without its `n`-th word (from 0) .
void drop_word(std::string& line, int n) {
  std::size_t from = 0;
  for (int i = 0; i < n; ++i) from = line.find(' ', from) + 1;
  line.erase(from, line.find(' ', from) + 1 - from);
}
/// Without ` key=value`.
void drop_field(std::string& line, const std::string& key) {
  const std::size_t from = line.find(" " + key + "=");
  if (from != std::string::npos) line.erase(from, line.find(' ', from + 1) - from);
}

void expect_same(const std::vector<std::string>& alone, const std::vector<std::string>& beside) {
  ASSERT_EQ(alone.size(), beside.size());
  for (std::size_t i = 0; i < alone.size(); ++i) ASSERT_EQ(alone[i], beside[i]) << "event " << i;
}

}  // namespace

TEST(shadow_beside, in_one_order_the_real_journal_is_the_same_event_by_event) {
  const seeded_load load(seed, 8);
  const run_shape one{{"topology.order_shards=1", "topology.account_shards=1"}, 1};
  auto alone = dump_after(load, one, false), beside = dump_after(load, one, true);
  EXPECT_GT(alone.size(), std::size_t{8 * limits::frame_events_max});
  for (auto* lines : {&alone, &beside})
    for (std::string& line : *lines) drop_word(line, 1);  // the time
  expect_same(alone, beside);
}

TEST(shadow_beside, in_many_orders_the_real_journal_has_the_same_events) {
  const seeded_load load(seed, 8);
  const run_shape many{{"topology.order_shards=3", "topology.account_shards=4", "topology.workers=2"}, 4};
  auto alone = dump_after(load, many, false), beside = dump_after(load, many, true);
  EXPECT_GT(alone.size(), std::size_t{8 * limits::frame_events_max});
  for (auto* lines : {&alone, &beside}) {
    for (std::string& line : *lines) {
      drop_word(line, 0);  // sequence
      drop_word(line, 0);  // time
      drop_field(line, "as_of");
      drop_field(line, "target_sequence");
    }
    std::sort(lines->begin(), lines->end());
  }
  expect_same(alone, beside);
}

}  // namespace payloom::e2e
