// Failing system calls, full disks, and directories that must be refused.
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/storage/fault_layer.hpp"
#include "tests/storage/journal_damage.hpp"

namespace payloom::storage::testing {
namespace {

namespace fs = std::filesystem;

log_options tiny_segments() {
  log_options options = small_segments();
  options.segment_bytes = 128 * 1024;
  options.space_retry = std::chrono::milliseconds(1);
  return options;
}

/// Appends groups and marks until `groups` are there; returns the last acknowledged sequence. Stops at an I/O failure.
commit_seq run_until_failure(log_home& home, std::uint32_t groups) {
  commit_seq acknowledged = 0;
  try {
    home.open();
    acknowledged = home.log().position().next_sequence - 1;
    for (std::uint32_t i = 0; i < groups; ++i) {
      if (home.append(200) != append_status::ok) continue;
      acknowledged = home.log().position().next_sequence - 1;
      if (i % 5 == 0) home.log().mark_idle();
    }
    home.log().wait_hashed();
  } catch (const storage_failure&) {
    // The process would stop here; what follows is its next life.
  }
  home.close();
  return acknowledged;
}

void sweep(bool and_all_after, int error) {
  std::uint64_t failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    nth_call_fails faults(n, and_all_after, error);
    log_home home(tiny_segments());
    home.options().faults = &faults;
    const commit_seq acknowledged = run_until_failure(home, 15);
    home.options().faults = nullptr;
    if (faults.calls() < n) break;
    ++failures;
    segment_log& log = home.open();
    ASSERT_GE(log.position().next_sequence, acknowledged + 1) << "call " << n;
    ASSERT_EQ(home.append(10), append_status::ok);
    home.close();
    const recovery_outcome outcome = try_recover(home.path());
    ASSERT_FALSE(outcome.refused) << "call " << n << ": " << outcome.message;
    ASSERT_TRUE(outcome.events_intact) << "call " << n;
  }
  EXPECT_GT(failures, 50u);
}

TEST(log_faults, any_one_call_may_fail_once_and_nothing_acknowledged_is_lost) { sweep(false, EIO); }
TEST(log_faults, all_calls_may_fail_from_any_moment_on) { sweep(true, EIO); }
TEST(log_faults, any_one_call_may_find_the_disk_full) { sweep(false, ENOSPC); }

TEST(log_faults, a_write_error_stops_the_log_for_good) {
  struct no_writes final : io_faults {
    int before(io_op op, const std::string& path) override {
      return op == io_op::write && path.ends_with(".seg") ? EIO : 0;
    }
  } faults;
  log_home home(tiny_segments());
  home.options().hash_segments = false;
  home.open();
  home.append(5);
  home.close();
  home.options().faults = &faults;
  home.open();
  EXPECT_THROW(home.append(5), storage_failure);
  EXPECT_THROW(home.append(5), storage_failure);
  EXPECT_THROW(home.log().mark_idle(), storage_failure);
  EXPECT_EQ(home.log().durable_through(), 5u);
}

TEST(log_faults, a_full_disk_refuses_and_resumes_by_itself) {
  for (const int error : {ENOSPC, EDQUOT}) {
    full_disk disk;
    log_home home(tiny_segments());
    home.options().faults = &disk;
    home.open();
    for (int fill = 0; fill < 3; ++fill) {
      disk.set_full(true, error);
      while (home.append(100) == append_status::ok) {
      }
      EXPECT_FALSE(home.log().has_space());
      const commit_seq durable = home.log().durable_through();
      EXPECT_EQ(home.append(100), append_status::no_space);
      EXPECT_EQ(home.log().durable_through(), durable);
      EXPECT_EQ(home.log().open_reader(durable)->next().header->base_sequence, durable - 99) << "reads go on";
      EXPECT_GT(disk.refused(), 0u);
      disk.set_full(false);
      while (!home.log().has_space()) std::this_thread::yield();
      while (home.append(100) != append_status::ok) std::this_thread::yield();
    }
    home.close();
    const recovery_outcome outcome = try_recover(home.path());
    ASSERT_FALSE(outcome.refused) << outcome.message;
    EXPECT_TRUE(outcome.events_intact);
  }
}

TEST(log_faults, it_starts_on_a_full_disk_and_serves_reads) {
  full_disk disk;
  log_home home(tiny_segments());
  home.options().faults = &disk;
  disk.set_full(true);
  home.open();
  EXPECT_EQ(home.append(10), append_status::no_space);
  disk.set_full(false);
  while (home.append(10) != append_status::ok) std::this_thread::yield();
  EXPECT_EQ(home.log().durable_through(), 10u);
}

/// A real small file system where the process may mount one (root), else the ordinary one behind a failing layer.
class small_disk {
 public:
  small_disk() {
    fs::create_directory(path());
    mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~small_disk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }
  std::string path() const { return root_.path() + "/disk"; }
  io_faults* faults() { return mounted_ ? nullptr : &layer_; }
  void fill() {
    if (!mounted_) return layer_.set_full(true);
    std::ofstream out(path() + "/ballast", std::ios::binary);
    const file_bytes block(4096, 'b');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void free() {
    if (!mounted_) return layer_.set_full(false);
    fs::remove(path() + "/ballast");
  }

 private:
  temp_directory root_;
  bool mounted_ = false;
  full_disk layer_;
};

TEST(log_faults, a_really_full_file_system_loses_nothing) {
  small_disk disk;
  const std::string data = disk.path() + "/data";
  init_data_directory(data, test_stamp);
  log_options options = tiny_segments();
  options.segment_bytes = 96 * 1024;
  options.faults = disk.faults();
  group_builder builder;
  commit_seq acknowledged = 0;
  {
    const data_directory directory(data);
    segment_log log(directory, options);
    disk.fill();
    while (log.append(make_group(builder, log.position(), 50)) == append_status::ok) {
      acknowledged = log.position().next_sequence - 1;
    }
    EXPECT_FALSE(log.has_space());
  }
  {
    const data_directory directory(data);
    segment_log log(directory, options);
    EXPECT_EQ(log.durable_through(), acknowledged) << "restart on a full disk";
    disk.free();
    while (log.append(make_group(builder, log.position(), 50)) != append_status::ok) std::this_thread::yield();
    acknowledged = log.position().next_sequence - 1;
  }
  const recovery_outcome outcome = try_recover(data);
  ASSERT_FALSE(outcome.refused) << outcome.message;
  EXPECT_TRUE(outcome.events_intact);
  EXPECT_EQ(outcome.log.position.next_sequence, acknowledged + 1);
}

// ------------------------------------------------------------------------------------------------ directories

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const directory_refused& refused) {
    return refused.what();
  }
  return {};
}

TEST(data_directories, a_second_process_is_locked_out) {
  log_home home;
  home.open();
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = refusal([&] { data_directory second(home.path()); });
    ::_exit(text.find("in use by another server") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  home.close();
  EXPECT_EQ(refusal([&] { data_directory again(home.path()); }), "");
}

TEST(data_directories, a_newer_or_older_format_is_refused) {
  for (const auto& [digit, advice] : {std::pair{'9', "use a newer program"}, {'1', "use the program that wrote it"}}) {
    log_home home;
    file_bytes text = read_file(home.path() + "/FORMAT");
    const std::string line = "format " + std::to_string(data_format);
    const auto at = std::search(text.begin(), text.end(), line.begin(), line.end());
    ASSERT_NE(at, text.end());
    *(at + 7) = digit;
    write_file(home.path() + "/FORMAT", text);
    const std::string message = refusal([&] { home.open(); });
    EXPECT_NE(message.find(advice), std::string::npos) << message;
  }
}

TEST(data_directories, init_makes_one_and_refuses_what_is_in_the_way) {
  temp_directory root;
  const std::string data = root.path() + "/a/b/data";
  EXPECT_NE(refusal([&] { data_directory none(data); }).find("payloom init"), std::string::npos);
  init_data_directory(data, {.cluster = 5, .partition = 7, .shadow = true});
  const data_stamp stamp = read_data_stamp(data);
  EXPECT_EQ(stamp, (data_stamp{.cluster = 5, .partition = 7, .shadow = true}));
  EXPECT_NE(refusal([&] { init_data_directory(data, stamp); }), "");
  const std::string full = root.path() + "/full";
  fs::create_directory(full);
  write_file(full + "/notes.txt", {'x'});
  EXPECT_NE(refusal([&] { init_data_directory(full, stamp); }).find("notes.txt"), std::string::npos);
  EXPECT_TRUE(fs::exists(full + "/notes.txt"));
}

TEST(data_directories, init_can_be_repeated_after_a_crash_in_it) {
  temp_directory root;
  const std::string data = root.path() + "/data";
  fs::create_directories(data + "/journal");
  write_file(data + "/FORMAT.new", {'x'});
  init_data_directory(data, test_stamp);
  EXPECT_EQ(read_data_stamp(data), test_stamp);
}

TEST(data_directories, a_missing_journal_folder_is_refused) {
  log_home home;
  fs::remove(home.journal_path());
  EXPECT_NE(refusal([&] { home.open(); }).find("cannot read"), std::string::npos);
}

TEST(data_directories, sizes_out_of_bounds_are_refused) {
  log_home home;
  for (const auto& [segment, group] : {std::pair<std::uint64_t, std::size_t>{64 * 1024, 64 * 1024},
                                       {1000000, 65536},
                                       {1 << 20, 1000},
                                       {std::uint64_t{5} << 30, 65536},
                                       {16u << 20, 8u << 20}}) {
    home.options().segment_bytes = segment;
    home.options().group_bytes_max = group;
    EXPECT_THROW(home.open(), std::invalid_argument) << segment << " " << group;
  }
}

}  // namespace
}  // namespace payloom::storage::testing
