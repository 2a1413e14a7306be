#pragma once
// What imports share: many records sent in full frames, their answers counted, and every balance compared afterwards.
// Throws as blocking_connection does, and refused_error.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "actors/app/verbs/bank_mapping.hpp"
#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/table.hpp"
#include "protocol/client/bulk.hpp"

namespace payloom::verbs {

struct tally {
  std::uint64_t done = 0;      ///< executed now
  std::uint64_t replayed = 0;  ///< were there already
  std::map<std::string, std::uint64_t> refused;

  void add(const client::reply& answer, std::uint32_t count);
};
json tally_json(const tally& t);

/// `window` frames in flight.
template <class Record>
tally send_all(client::blocking_connection& server, frame_type type, const std::vector<Record>& records,
               std::size_t window) {
  tally sum;
  client::for_each_frame<Record>(
      server, type, records.size(), limits::frame_events_max, [&](std::uint64_t i) { return records[i]; },
      [&](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        if (answer.code() == result_code::ok && answer.rows<result_record>().size() < count) {
          throw refused_error("a reply has too few results");
        }
        sum.add(answer, count);
      },
      window);
  return sum;
}

/// Compares every account's sums with `expected`, in the same order; returns how many differ and prints the first few.
std::uint64_t check_balances(client::blocking_connection& server, std::span<const account_record> accounts,
                             std::span<const expected_sums> expected);

}  // namespace payloom::verbs
