// A full disk: what is not durable is refused `unavailable`, reads go on, and it resumes when there is space.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>

#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr std::size_t disk_bytes = 256u << 20;
constexpr std::size_t left_free = 4u << 20;
constexpr std::uint32_t per_frame = 4000;

/// A small file system in memory, mounted over a directory. Needs root, as the tests run in a container of their own.
class small_disk {
 public:
  explicit small_disk(std::string where) : where_(std::move(where)) {
    std::filesystem::create_directories(where_);
    const std::string size = "size=" + std::to_string(disk_bytes);
    mounted_ = ::mount("tmpfs", where_.c_str(), "tmpfs", 0, size.c_str()) == 0;
    if (!mounted_) why_ = std::strerror(errno);
  }
  ~small_disk() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& why() const { return why_; }

  /// Takes all space but `leave` bytes.
  void fill(std::size_t leave) const {
    const int fd = ::open(ballast().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0) << std::strerror(errno);
    // The server writes meanwhile, so what is free now may be gone a moment later: ask again until it fits.
    int error = ENOSPC;
    for (int tries = 0; error == ENOSPC && tries < 1000; ++tries) {
      const std::size_t free = std::filesystem::space(where_).available;
      error = free > leave ? ::posix_fallocate(fd, 0, static_cast<off_t>(free - leave)) : 0;
    }
    ::close(fd);
    ASSERT_EQ(error, 0);
  }
  void free_again() const { std::filesystem::remove(ballast()); }

 private:
  std::string ballast() const { return where_ + "/ballast"; }

  std::string where_;
  bool mounted_ = false;
  std::string why_;
};

}  // namespace

class full_disk : public ledger_fixture {
 protected:
  std::vector<transfer_record> payments(account_id from, account_id into) {
    std::vector<transfer_record> records;
    for (std::uint32_t i = 0; i < per_frame; ++i) records.push_back(transfer(from, into, 1));
    return records;
  }
  /// One frame; returns how many were executed now, and the code of the others in `refused`.
  static std::uint64_t pay(client::blocking_connection& to, const std::vector<transfer_record>& records,
                           result_code& refused) {
    const client::reply reply = to.call(frame_type::create_transfers, std::span<const transfer_record>(records));
    refused = reply.code();
    std::uint64_t executed = 0;
    if (reply.code() != result_code::ok) return 0;
    for (const result_record& r : reply.rows<result_record>()) {
      executed += r.code == result_code::ok && (r.flags & result_flags::replayed) == 0;
      if (r.code != result_code::ok) refused = r.code;
    }
    return executed;
  }

  /// Pays frame after frame until one is refused, and remembers that one.
  struct payer {
    std::uint64_t executed = 0;
    result_code refused = result_code::ok;
    std::vector<transfer_record> last;
    std::string broken;
  };
  void pay_until_refused(payer& p, account_id from, account_id into) {
    try {
      auto own = connect();
      while (p.refused == result_code::ok) {
        {
          const std::lock_guard lock(ids_mutex_);
          p.last = payments(from, into);
        }
        p.executed += pay(own, p.last, p.refused);
      }
    } catch (const std::exception& e) {
      p.broken = e.what();
    }
  }

  std::mutex ids_mutex_;
};

TEST_F(full_disk, refuses_commands_answers_reads_and_resumes) {
  const small_disk disk(data());
  ASSERT_TRUE(disk.mounted()) << "this test mounts a tmpfs, run it as root with the right to mount: " << disk.why();
  start({"storage.min_free_bytes=1MiB", "index.cache_bytes=8MiB"});
  auto to = connect();
  const std::vector<account_id> accounts = open(to, 2);
  disk.fill(left_free);

  // Several at once: when the disk is full some of it is decided, laid or queued. All of it is refused, nothing waits.
  std::vector<payer> payers(4);
  std::vector<std::thread> threads;
  for (payer& p : payers) threads.emplace_back([&] { pay_until_refused(p, accounts[0], accounts[1]); });
  for (std::thread& t : threads) t.join();
  EXPECT_NO_THROW(server->wait_line("journal_full"));
  std::uint64_t executed = 0;
  for (const payer& p : payers) {
    EXPECT_EQ(p.broken, "");
    EXPECT_EQ(name_of(p.refused), "unavailable");
    executed += p.executed;
  }
  EXPECT_EQ(lo64(show(to, accounts[0]).counters.debits_posted), executed);
  EXPECT_EQ(show(to, accounts[0]).counters.debits_posted, show(to, accounts[1]).counters.credits_posted);
  result_code refused = result_code::ok;
  EXPECT_EQ(pay(to, payments(accounts[0], accounts[1]), refused), 0u);
  EXPECT_EQ(name_of(refused), "unavailable");
  expect_verified();

  disk.free_again();
  EXPECT_NO_THROW(server->wait_line("journal_has_space"));
  for (const payer& p : payers) {  // the same ids again: every event is executed once
    executed += pay(to, p.last, refused);
    EXPECT_EQ(name_of(refused), "ok");
  }
  EXPECT_EQ(executed % per_frame, 0u);
  EXPECT_EQ(lo64(show(to, accounts[0]).counters.debits_posted), executed);
  expect_verified();
  EXPECT_EQ(server->drain(), 0) << server->last_lines();
}

}  // namespace payloom::e2e
