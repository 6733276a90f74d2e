#include "cluster/settings.h"

namespace lode::cluster {

peer::Settings peer_settings(const Settings& settings, peer::ClusterId cluster) {
  peer::Settings out;
  out.node = settings.node;
  out.cluster = cluster;
  out.listen = settings.listen;
  out.address = settings.advertise;
  out.tls = settings.tls;
  out.software = settings.software;
  return out;
}

snapshot::SourceSettings source_settings(const Settings& settings) {
  return {.folder = settings.data_dir / "outgoing",
          .reserved_disk_bytes = settings.reserved_disk_bytes,
          .bytes_per_second = settings.snapshot_bytes_per_second};
}

}  // namespace lode::cluster
