// A writer process is killed with SIGKILL at random moments, again and again on one journal: everything it had
// acknowledged, in memory that outlives it, is there afterwards.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "tests/storage/journal_damage.hpp"

namespace payloom::storage::testing {
namespace {

/// Shared between the writer and its killer.
struct acknowledgements {
  std::atomic<commit_seq> through{0};
  std::atomic<std::uint64_t> groups{0};
};

[[noreturn]] void write_for_ever(const std::string& path, const log_options& options, std::uint64_t seed,
                                 acknowledgements& acks) {
  try {
    const data_directory directory(path);
    segment_log log(directory, options);
    group_builder builder;
    std::mt19937_64 random(seed);
    while (true) {
      const auto count = static_cast<std::uint32_t>(1 + random() % 400);
      if (log.append(make_group(builder, log.position(), count)) != append_status::ok) ::_exit(2);
      acks.through.store(log.position().next_sequence - 1);
      acks.groups.fetch_add(1);
      if (random() % 10 == 0) log.mark_idle();
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "writer: %s\n", failure.what());
    ::_exit(3);
  }
}

TEST(log_crash, twenty_kills_lose_nothing_acknowledged) {
  log_home home;
  void* shared = ::mmap(nullptr, sizeof(acknowledgements), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto& acks = *new (shared) acknowledgements;
  std::mt19937_64 random(20261122);
  std::uint32_t torn = 0;
  for (int cycle = 0; cycle < 20; ++cycle) {
    const std::uint64_t groups_before = acks.groups.load();
    const std::uint64_t seed = random();
    const pid_t writer = ::fork();
    if (writer == 0) write_for_ever(home.path(), home.options(), seed, acks);
    const std::uint64_t wanted = 1 + random() % 60;
    int status = 0;
    while (acks.groups.load() < groups_before + wanted) {
      ASSERT_EQ(::waitpid(writer, &status, WNOHANG), 0) << "the writer ended by itself";
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
    ASSERT_EQ(::kill(writer, SIGKILL), 0);
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status));
    const recovery_outcome outcome = try_recover(home.path());
    ASSERT_FALSE(outcome.refused) << "cycle " << cycle << ": " << outcome.message;
    ASSERT_TRUE(outcome.events_intact) << "cycle " << cycle;
    ASSERT_GT(outcome.log.position.next_sequence, acks.through.load()) << "acknowledged events are lost";
    torn += outcome.log.report.torn_tail ? 1 : 0;
  }
  EXPECT_GT(acks.groups.load(), 100u);
  std::printf("%llu groups acknowledged, %u torn tails\n", static_cast<unsigned long long>(acks.groups.load()), torn);
  ::munmap(shared, sizeof(acknowledgements));
}

}  // namespace
}  // namespace payloom::storage::testing
