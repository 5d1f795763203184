// Processes of one test are many; those of several at a time would be too many.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
