#include "tests/crash/frame_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

namespace payloom::crash {
namespace {

struct head {
  std::uint16_t type;
  std::uint16_t record_bytes;
  std::uint32_t count;
};

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("the file of acknowledged frames: ") + what + " failed");
}

}  // namespace

frame_file::frame_file(const std::string& path)
    : fd_(::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0644)) {
  must(fd_ >= 0, "open");
}

frame_file::~frame_file() { ::close(fd_); }

void frame_file::append(const load_frame& frame) {
  const head h{static_cast<std::uint16_t>(frame.type), static_cast<std::uint16_t>(frame.record_bytes()), frame.count};
  std::vector<std::byte> bytes;
  const auto put = [&](const void* from, std::size_t size) {
    const auto* at = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), at, at + size);
  };
  put(&h, sizeof h);
  put(frame.records.data(), frame.records.size());
  put(frame.expected.data(), frame.expected.size());
  put(frame.results.data(), frame.results.size() * sizeof(result_record));
  must(::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(end_)) == static_cast<ssize_t>(bytes.size()),
       "write");
  offsets_.push_back(end_);
  end_ += bytes.size();
}

load_frame frame_file::read(std::size_t number) const {
  auto at = static_cast<off_t>(offsets_[number]);
  const auto get = [&](void* into, std::size_t size) {
    must(::pread(fd_, into, size, at) == static_cast<ssize_t>(size), "read");
    at += static_cast<off_t>(size);
  };
  head h{};
  get(&h, sizeof h);
  load_frame frame;
  frame.type = static_cast<frame_type>(h.type);
  frame.count = h.count;
  frame.records.resize(std::size_t{h.count} * h.record_bytes);
  frame.expected.resize(h.count);
  frame.results.resize(h.count);
  get(frame.records.data(), frame.records.size());
  get(frame.expected.data(), frame.expected.size());
  get(frame.results.data(), frame.results.size() * sizeof(result_record));
  return frame;
}

}  // namespace payloom::crash
