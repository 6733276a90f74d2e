// A few threads for reads that take their time, so that the loops which take in writes never wait for one.
// The queue is bounded: what does not fit is refused at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lode::wire {

class QueryPool {
 public:
  QueryPool(size_t threads, size_t waiting);
  ~QueryPool();  // stop()

  // Any thread. False: the queue is full or the pool has stopped; the task was not taken.
  bool submit(std::function<void()> task);
  // Ends the threads after what they are at. What waits is dropped: nobody is there to take its answer.
  void stop();

 private:
  void work();

  const size_t waiting_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace lode::wire
