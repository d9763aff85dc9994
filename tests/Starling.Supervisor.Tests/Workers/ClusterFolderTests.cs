using System.Text;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Workers;

public sealed class ClusterFolderTests
{
    private const string Print = "printf %s \"${STARLING_CLUSTER-none}\" > $name.$NODE_APP_INSTANCE.tmp && mv $name.$NODE_APP_INSTANCE.tmp $name.$NODE_APP_INSTANCE; exec sleep 600";

    [Fact]
    public async Task Processes_of_one_application_get_one_folder_in_which_they_find_each_other()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("one", Print) with { Instances = 2 });
        await test.StartAsync(test.Script("other", Print) with { ExecMode = ExecMode.Cluster });
        var folder = await ReadAsync(test, "one.0");
        Assert.Equal(folder, await ReadAsync(test, "one.1"));
        Assert.StartsWith(Path.Combine(test.Folder, "home", "c") + "/", folder, StringComparison.Ordinal);
        Assert.NotEqual(folder, await ReadAsync(test, "other.0"));
    }

    [Fact]
    public async Task A_single_process_gets_none_and_what_the_user_says_counts()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("single", Print));
        await test.StartAsync(test.Script("own", Print) with { Instances = 2, Env = new Dictionary<string, string> { ["STARLING_CLUSTER"] = "/my/folder" } });
        Assert.Equal("none", await ReadAsync(test, "single.0"));
        Assert.Equal("/my/folder", await ReadAsync(test, "own.1"));
    }

    [Fact]
    public void The_longest_folder_of_a_supervisor_leaves_room_for_the_sockets_of_a_cluster()
    {
        var root = Directory.CreateTempSubdirectory("sup").FullName;
        try
        {
            var folder = new SupervisorFolder(Path.Combine(root, new string('x', 79 - root.Length)));
            Assert.Equal(80, folder.Path.Length);
            Assert.InRange(Encoding.UTF8.GetByteCount(folder.ClusterOf("default", "a rather long name of an application") + "/0123456789abc.sock"), 1, 107);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<string> ReadAsync(TestSupervisor test, string name)
    {
        var path = Path.Combine(test.Folder, name);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(path))
        {
            await Task.Delay(20, limit.Token);
        }

        return await File.ReadAllTextAsync(path, limit.Token);
    }
}
