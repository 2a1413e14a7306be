// The embedded journal: the common contract, with segments of the ordinary size and with small ones.
#include "storage/log/segment_log.hpp"

#include "tests/storage/journal_contract.hpp"
#include "tests/storage/log_fixture.hpp"

namespace payloom::storage::testing {
namespace {

template <std::uint64_t SegmentBytes>
struct log_backend {
  log_backend() : home_(options()) { home_.open(); }
  static log_options options() {
    log_options options;
    options.segment_bytes = SegmentBytes;
    return options;
  }
  segment_log& log() { return home_.log(); }
  segment_log& source() { return home_.log(); }
  void restart() { home_.open(); }
  log_home home_;
};

using backends = ::testing::Types<log_backend<64u << 20>, log_backend<(4u << 20) + sector_bytes>>;
INSTANTIATE_TYPED_TEST_SUITE_P(log, journal_contract, backends);

}  // namespace
}  // namespace payloom::storage::testing
