using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class WorkerEnvironmentTests
{
    private static readonly Dictionary<string, string> Starter = new()
    {
        ["PATH"] = "/bin",
        ["AWS_KEY"] = "k",
        ["MY_AWS_ID"] = "i",
        ["A"] = "0",
        ["NODE_CHANNEL_FD"] = "3",
        ["NOTIFY_SOCKET"] = "/n",
    };

    private readonly AppConfig _app = new()
    {
        Name = "api",
        Script = "/a",
        Cwd = "/",
        Env = new Dictionary<string, string> { ["A"] = "1", ["PORT"] = "3000" },
        EnvironmentEnv = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["production"] = new Dictionary<string, string> { ["A"] = "2" } },
    };

    [Fact]
    public void An_application_started_from_inside_a_worker_gets_neither_its_mark_nor_its_cluster()
    {
        var inside = new Dictionary<string, string> { ["STARLING_WORKER"] = "/home/x#7", ["STARLING_CLUSTER"] = "/home/x/c/abcde", ["A"] = "1" };
        var app = new AppConfig { Name = "app", Script = "/a", Cwd = "/" };
        var variables = WorkerEnvironment.Of(app, inside, null, 0, 0);
        Assert.Equal((false, false, "1"), (variables.ContainsKey("STARLING_WORKER"), variables.ContainsKey("STARLING_CLUSTER"), variables["A"]));

        // A cluster that the starter chose counts.
        inside.Remove("STARLING_WORKER");
        Assert.Equal("/home/x/c/abcde", WorkerEnvironment.Of(app, inside, null, 0, 0)["STARLING_CLUSTER"]);
    }

    [Fact]
    public void A_process_gets_the_starters_variables_and_its_own()
    {
        var variables = WorkerEnvironment.Of(_app, Starter, null, 2, 17);
        Assert.Equal("/bin", variables["PATH"]);
        Assert.Equal("1", variables["A"]);
        Assert.Equal("2", variables["NODE_APP_INSTANCE"]);
        Assert.Equal("api", variables["name"]);
        Assert.Equal("17", variables["pm_id"]);
        Assert.Equal("k", variables["AWS_KEY"]);
    }

    [Fact]
    public void What_was_said_to_the_supervisor_is_not_said_to_its_children()
    {
        var variables = WorkerEnvironment.Of(_app, Starter, null, 0, 0);
        Assert.DoesNotContain("NODE_CHANNEL_FD", variables.Keys);
        Assert.DoesNotContain("NOTIFY_SOCKET", variables.Keys);
    }

    [Fact]
    public void The_chosen_environment_counts_before_the_usual_one()
    {
        Assert.Equal("2", WorkerEnvironment.Of(_app, Starter, "production", 0, 0)["A"]);
        Assert.Equal("1", WorkerEnvironment.Of(_app, Starter, "unknown", 0, 0)["A"]);
    }

    [Theory]
    [InlineData("*", false, false, false)]
    [InlineData("AWS_", true, false, false)]
    [InlineData("=AWS_KEY", true, false, true)]
    public void Filtered_variables_of_the_starter_are_left_out(string filter, bool path, bool awsKey, bool awsId)
    {
        var variables = WorkerEnvironment.Of(_app with { FilterEnv = [filter] }, Starter, null, 0, 0);
        Assert.Equal((path, awsKey, awsId), (variables.ContainsKey("PATH"), variables.ContainsKey("AWS_KEY"), variables.ContainsKey("MY_AWS_ID")));
        Assert.Equal("1", variables["A"]);
    }

    [Fact]
    public void An_increment_variable_grows_with_the_number_of_the_process()
    {
        var app = _app with { IncrementVar = "PORT", InstanceVar = "N" };
        Assert.Equal("3002", WorkerEnvironment.Of(app, Starter, null, 2, 9)["PORT"]);
        Assert.Equal("2", WorkerEnvironment.Of(app, Starter, null, 2, 9)["N"]);
        Assert.Equal("2", WorkerEnvironment.Of(_app with { IncrementVar = "NEW" }, Starter, null, 2, 9)["NEW"]);
    }
}
