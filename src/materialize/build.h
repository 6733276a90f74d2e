// A generation being made from the log beside the one that serves, behind which it stays. A thread of its
// own applies, others decode ahead of it; all at low priority until somebody waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "materialize/generation.h"

namespace lode::materialize {

class Build {
 public:
  // Runs on the build's thread; what it throws is the build's trouble.
  using Open = std::function<std::shared_ptr<Generation>()>;
  // How far the one that serves has come: the build goes as far. Any thread.
  using Limit = std::function<record::EntryIndex()>;

  // How much of the machine it takes.
  struct Pace {
    uint32_t cores = 2;             // 1: it decodes on its own thread; else on so many others less one
    uint64_t records_a_second = 0;  // 0: as fast as it can
    bool low_priority = true;       // until somebody waits for it
  };

  // All of it outlives the build.
  Build(const log::Log& log, record::GroupId group, const store::Hasher& hasher, Open open, Limit limit,
        Pace pace);
  ~Build();  // ends it, as it is

  // Any thread.
  record::EntryIndex applied() const;
  record::Offset next_offset() const;
  bool is_open() const;  // it has its generation; before that the two above say 0
  // In this run, until it has caught up first; 0: not known yet.
  double records_a_second() const;
  // Why it doesn't go on, for good; "" while it does.
  std::string trouble() const;
  // At the priority of everybody else from now on.
  void hurry();
  // Waits until `entry` is applied. False: the time is over, or it has trouble.
  bool wait_for(record::EntryIndex entry, std::chrono::milliseconds time);

  // Ends it after the entry that it is at. Nothing when it never got one. Once. `Epochs::given_up`: a disk
  // that takes nothing (it is full) is not waited for, and the generation is of no use afterwards.
  enum class Epochs : uint8_t { waited_for, given_up };
  std::shared_ptr<Generation> finish(Epochs epochs);

 private:
  void run();
  void follow(Generation& generation);
  bool apply_range(Generation& generation, record::EntryIndex from, record::EntryIndex to);
  bool keep_pace(uint64_t records);

  const log::Log& log_;
  const record::GroupId group_;
  const store::Hasher& hasher_;
  const Open open_;
  const Limit limit_;
  const Pace pace_;

  mutable std::mutex mutex_;  // everything below
  std::condition_variable changed_;
  std::shared_ptr<Generation> generation_;
  std::string trouble_;
  bool stopping_ = false;
  bool hurried_ = false;
  std::chrono::steady_clock::time_point free_at_;  // when the next record is due
  struct Moment {
    std::chrono::steady_clock::time_point time;
    uint64_t records = 0;
  };
  Moment begun_;                     // when it had its generation
  std::optional<Moment> caught_up_;  // when it had nothing to do first
  pid_t thread_id_ = 0;
  bool lowered_ = false;
  std::thread thread_;
};

}  // namespace lode::materialize
