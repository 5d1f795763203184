// Stages share nothing, but two processors and deadlines of seconds: one test class at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
