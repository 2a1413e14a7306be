#include "protocol/net/frame_pool.hpp"

#include <algorithm>
#include <new>

#include <sys/mman.h>

#include "protocol/types/assert.hpp"

namespace payloom::net {
namespace {

/// `kept` bounds what an idle gateway holds: together about 60 MiB, most of it in the largest class and only touched
/// pages are real memory.
struct size_class_info {
  std::uint32_t records;
  std::uint32_t kept;
};
constexpr std::array<size_class_info, 5> size_classes{{{1, 4096}, {16, 1024}, {128, 256}, {1024, 64}, {8190, 16}}};
static_assert(size_classes.back().records == limits::frame_events_max);

constexpr std::size_t largest_result = 192;
constexpr std::size_t line = 64;
constexpr std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

struct block_layout {
  std::size_t records, reply, results, notes, size;
};

constexpr block_layout layout_of(std::uint32_t records) {
  block_layout at{};
  at.records = round_up(sizeof(net_frame), line);
  // The smallest class has room for two: a query record is as long as that.
  const std::size_t record_bytes = std::size_t{records} * limits::record_bytes;
  at.reply = at.records + (records == 1 ? sizeof(query_record) : record_bytes);
  at.results = at.reply + limits::frame_header_bytes;
  at.notes = round_up(at.results + records * largest_result, line);
  at.size = round_up(at.notes + records * sizeof(event_notes), line);
  return at;
}

/// Large blocks are mapped, so that giving them back really gives them back.
constexpr std::size_t mapped_from = 1u << 16;

void* obtain(std::size_t size) {
  if (size < mapped_from) return ::operator new (size, std::align_val_t{line});
  void* block = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  return block;
}

void give_back(void* block, std::size_t size) noexcept {
  if (size < mapped_from)
    ::operator delete (block, std::align_val_t{line});
  else
    ::munmap(block, size);
}

}  // namespace

frame_pool::~frame_pool() {
  PAYLOOM_ASSERT(out_ == 0);
  settle();
  for (net_frame*& head : free_)
    while (head != nullptr) {
      net_frame* frame = head;
      head = frame->next;
      destroy(*frame);
    }
}

net_frame& frame_pool::make(std::uint32_t size_class) {
  const block_layout at = layout_of(size_classes[size_class].records);
  auto* base = static_cast<std::byte*>(obtain(at.size));
  auto* frame = new (base) net_frame;
  frame->size_class = size_class;
  frame->records = base + at.records;
  frame->reply = base + at.reply;
  frame->results = base + at.results;
  frame->notes_space = base + at.notes;
  bytes_ += at.size;
  return *frame;
}

void frame_pool::destroy(net_frame& frame) noexcept {
  const std::size_t size = layout_of(size_classes[frame.size_class].records).size;
  bytes_ -= size;
  frame.~net_frame();
  give_back(&frame, size);
}

net_frame& frame_pool::take(std::uint32_t count, std::uint32_t body_bytes) {
  PAYLOOM_ASSERT(count <= limits::frame_events_max);
  std::uint32_t size_class = 0;
  while (size_classes[size_class].records < count) ++size_class;
  PAYLOOM_ASSERT(body_bytes <= limits::record_bytes * std::max<std::size_t>(count, 2));
  net_frame* frame = free_[size_class];
  if (frame != nullptr) {
    free_[size_class] = frame->next;
    --free_count_[size_class];
  } else {
    frame = &make(size_class);
  }
  frame->next = nullptr;
  frame->count = count;
  frame->result_bytes = sizeof(result_record);
  frame->notes = nullptr;
  frame->port = nullptr;
  frame->owner = 0;
  frame->owner_data = nullptr;
  frame->rows = nullptr;
  frame->charged_bytes = 0;
  frame->charged_events = 0;
  frame->reply_bytes = 0;
  ++out_;
  return *frame;
}

void frame_pool::release(net_frame& frame) noexcept {
  PAYLOOM_ASSERT(out_ > 0);
  --out_;
  events_back_ += frame.charged_events;
  bytes_back_ += frame.charged_bytes;
  if (frame.rows != nullptr) {
    delete rows_of(frame);
    frame.rows = nullptr;
  }
  if (free_count_[frame.size_class] >= size_classes[frame.size_class].kept) {
    destroy(frame);
    return;
  }
  frame.next = free_[frame.size_class];
  free_[frame.size_class] = &frame;
  ++free_count_[frame.size_class];
}

void frame_pool::settle() noexcept {
  if (bytes_back_ == 0) return;
  credits_.give_back(events_back_, bytes_back_);
  events_back_ = bytes_back_ = 0;
}

}  // namespace payloom::net
