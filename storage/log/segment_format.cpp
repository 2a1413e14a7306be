#include "storage/log/segment_format.hpp"

#include <charconv>
#include <cstdio>

#include "protocol/types/assert.hpp"
#include "protocol/types/crc32c.hpp"

namespace payloom::storage {

aligned_buffer encode_segment_header(segment_header header) {
  aligned_buffer sector(sector_bytes);
  header.magic = segment_magic;
  header.version = segment_version;
  header.crc = 0;
  std::memcpy(sector.data(), &header, sizeof header);
  header.crc = crc32c(sector.first(sector_bytes).subspan(offsetof(segment_header, version)));
  std::memcpy(sector.data(), &header, sizeof header);
  return sector;
}

std::string check_segment_header(std::span<const std::byte> sector) {
  PAYLOOM_ASSERT(sector.size() == sector_bytes);
  segment_header header;
  std::memcpy(&header, sector.data(), sizeof header);
  if (header.magic != segment_magic) return "no segment header";
  if (crc32c(sector.subspan(offsetof(segment_header, version))) != header.crc) return "checksum of the segment header";
  if (header.version > segment_version) return "written by a newer program";
  if (header.version < segment_version) return "unknown version of the segment header";
  return {};
}

namespace {

constexpr std::size_t digits = 8;

const char* suffix_of(journal_file_kind kind) {
  switch (kind) {
    case journal_file_kind::segment:
      return ".seg";
    case journal_file_kind::prepared:
      return ".prep";
    case journal_file_kind::hashes:
      return ".sha";
    case journal_file_kind::other:
      break;
  }
  return "";
}

}  // namespace

std::string journal_file_name(journal_file_kind kind, std::uint32_t number) {
  PAYLOOM_ASSERT(kind != journal_file_kind::other && number > 0 && number < 100'000'000);
  char text[32];
  std::snprintf(text, sizeof text, "%08u%s", number, suffix_of(kind));
  return text;
}

journal_file parse_journal_file_name(std::string_view name) {
  if (name.size() < digits) return {};
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + digits, number);
  if (error != std::errc() || end != name.data() + digits || number == 0) return {};
  for (const auto kind : {journal_file_kind::segment, journal_file_kind::prepared, journal_file_kind::hashes}) {
    if (name.substr(digits) == suffix_of(kind)) return {kind, number};
  }
  return {};
}

}  // namespace payloom::storage
