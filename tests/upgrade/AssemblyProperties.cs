// Devices, namespaces and the process's own threads are shared by all tests, so they run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
