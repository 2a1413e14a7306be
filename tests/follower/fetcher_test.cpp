// Goal: look-ups on two threads give what one gives, in the order asked, and pass on what goes wrong on either.
// Method: a stand-in for the log's look-ups that knows events 1 .. last and fails at one of them.
#include <gtest/gtest.h>

#include "actors/follower/paired_fetcher.hpp"

namespace payloom {
namespace {

struct stand_in_journal {
  commit_seq last = 0;
  commit_seq fails_at = 0;
};

class stand_in_lookup {
 public:
  explicit stand_in_lookup(const stand_in_journal& journal) : journal_(journal) {}
  bool find(commit_seq sequence, follower::fetched_event& out, bool) {
    if (sequence == journal_.fails_at) throw storage::storage_failure("damaged");
    out.sequence = sequence;
    out.timestamp = sequence * 10;
    return sequence <= journal_.last;
  }
  bool find_all(std::span<const commit_seq> sequences, std::span<follower::fetched_event> out) {
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      if (!find(sequences[i], out[i], false)) return false;
    }
    return true;
  }

 private:
  const stand_in_journal& journal_;
};

using fetcher = follower::paired_fetcher<stand_in_lookup, follower::fetched_event>;

std::vector<commit_seq> descending(commit_seq from, std::size_t count) {
  std::vector<commit_seq> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = from - i;
  return out;
}

TEST(paired_fetchers, give_every_event_in_the_order_asked) {
  const stand_in_journal journal{.last = 10'000};
  bool started = false;
  {
    fetcher both(journal, [&] { started = true; });
    std::vector<follower::fetched_event> found;
    for (const std::size_t count : {0, 1, 127, 128, 129, 1000, 5001}) {
      both.find_all(descending(9'999, count), found);
      ASSERT_EQ(found.size(), count);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(found[i].sequence, 9'999 - i);
        ASSERT_EQ(found[i].timestamp, (9'999 - i) * 10);
      }
    }
  }
  EXPECT_TRUE(started);
}

TEST(paired_fetchers, pass_on_failures_of_either_half_and_go_on) {
  stand_in_journal journal{.last = 10'000};
  fetcher both(journal, [] {});
  std::vector<follower::fetched_event> found;
  for (const commit_seq at : {9'990u, 9'010u}) {  // in the first half, in the second
    journal.fails_at = at;
    EXPECT_THROW(both.find_all(descending(9'999, 1000), found), storage::storage_failure);
    journal.fails_at = 0;
    both.find_all(descending(9'999, 1000), found);
    EXPECT_EQ(found[999].sequence, 9'000u);
  }
  EXPECT_THROW(both.find_all(descending(10'001, 1000), found), storage::storage_failure);  // not durable
}

}  // namespace
}  // namespace payloom
