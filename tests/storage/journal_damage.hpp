#pragma once
// Tools to damage journal files and to say what a damaged journal still holds.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "storage/codec/group_reader.hpp"
#include "storage/log/errors.hpp"
#include "storage/log/log_reader.hpp"
#include "storage/log/recovery.hpp"
#include "tests/storage/log_fixture.hpp"

namespace payloom::storage::testing {

using file_bytes = std::vector<char>;

inline file_bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::string& path, const file_bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Changes a file in place, without touching the rest of it.
inline void overwrite(const std::string& path, std::uint64_t offset, const file_bytes& bytes) {
  std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(offset));
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline void flip_bit(const std::string& path, std::uint64_t bit) {
  std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
  out.seekg(static_cast<std::streamoff>(bit / 8));
  const char byte = static_cast<char>(out.get());
  out.seekp(static_cast<std::streamoff>(bit / 8));
  out.put(static_cast<char>(byte ^ (1 << (bit % 8))));
}

/// What a recovery, which changes nothing on the disk, makes of a journal.
struct recovery_outcome {
  bool refused = false;
  std::string message, file;
  std::uint64_t offset = 0;
  recovered_log log;
  bool events_intact = false;  ///< every event up to the recovered end is there with its content
};

inline recovery_outcome try_recover(const std::string& data_path) {
  recovery_outcome outcome;
  try {
    const data_stamp stamp = read_data_stamp(data_path);
    const auto table = std::make_shared<segment_table>();
    outcome.log = recover(data_path + "/journal", stamp, *table, nullptr);
    log_reader reader(data_path + "/journal", table, nullptr, 1);
    commit_seq next = 1;
    outcome.events_intact = true;
    for (group_view group = reader.next(); group.header != nullptr; group = reader.next()) {
      for_each_run(group, [&](const run_view& run) {
        for (const transfer_event& event : run.events<transfer_event>()) {
          const transfer_record wanted = sample_transfer(next++);
          outcome.events_intact = outcome.events_intact && std::memcmp(&event, &wanted, sizeof wanted) == 0;
        }
      });
    }
    outcome.events_intact = outcome.events_intact && next == outcome.log.position.next_sequence;
  } catch (const journal_corrupt& damage) {
    outcome.refused = true;
    outcome.message = damage.what();
    outcome.file = damage.file;
    outcome.offset = damage.offset;
  } catch (const storage_failure& failure) {
    outcome.refused = true;
    outcome.message = failure.what();
  }
  return outcome;
}

/// Places of all groups of a segment file.
struct group_place {
  std::uint64_t offset = 0;
  std::uint32_t length = 0, padded = 0, events = 0;
  commit_seq base_sequence = 0;
};

inline std::vector<group_place> groups_in(const std::string& segment_path) {
  const file_bytes bytes = read_file(segment_path);
  std::vector<group_place> groups;
  std::uint64_t offset = sector_bytes;
  while (offset + sizeof(group_header) <= bytes.size()) {
    group_header header;
    std::memcpy(&header, bytes.data() + offset, sizeof header);
    if (header.magic != group_magic) break;
    const auto padded = static_cast<std::uint32_t>(padded_bytes(header.length));
    groups.push_back({offset, header.length, padded, header.event_count, header.base_sequence});
    offset += padded;
  }
  return groups;
}

}  // namespace payloom::storage::testing
