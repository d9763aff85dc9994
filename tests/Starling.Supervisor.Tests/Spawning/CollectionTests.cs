using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

/// <summary>Counts what this process has open, so nothing may run beside it.</summary>
[Collection(Alone)]
public sealed class CollectionTests
{
    public const string Alone = "alone";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_at_once_are_all_collected_and_leave_nothing_open(bool isManaged)
    {
        await RunManyAsync();
        var before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        await RunManyAsync();
        await Shell.WaitUntilAsync(() => Directory.GetFileSystemEntries("/proc/self/fd").Length <= before, $"{before} open descriptors");

        async Task RunManyAsync()
        {
            var runs = Enumerable.Range(0, 60).Select(i => ProcessRun.ToEndAsync(Shell.Script($"echo {i}; exit {i}") with { IsManaged = isManaged }));
            var results = await Task.WhenAll(runs);
            Assert.Equal(Enumerable.Range(0, 60), results.Select(result => result.Status.Code!.Value));
            Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i}\n"), results.Select(result => result.OutputText));
        }
    }
}
