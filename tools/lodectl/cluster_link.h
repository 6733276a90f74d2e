// The way to a cluster over HTTP, with a progress bar while something is waited for.
#pragma once

#include <chrono>

#include "lodectl/cluster_steps.h"
#include "lodectl/http_client.h"
#include "lodectl/progress_bar.h"

namespace lode::lodectl {

class HttpClusterLink final : public ClusterLink {
 public:
  explicit HttpClusterLink(const std::string& url) : client_(url) {}

  HttpAnswer status() override { return client_.get("/v1/cluster"); }
  HttpAnswer command(const std::string& name, const std::string& body) override;
  void show(const std::string& doing, double share) override { bar_.show_step(doing, share); }
  void pause() override;
  double seconds() const override;

 private:
  HttpClient client_;
  ProgressBar bar_;
};

}  // namespace lode::lodectl
