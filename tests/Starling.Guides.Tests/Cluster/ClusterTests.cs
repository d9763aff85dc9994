using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Starling.Cluster;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Guides.Tests.Cluster;

public sealed class ClusterTests
{
    [Fact]
    public async Task An_application_becomes_a_node()
    {
        string[] args = [];
        // begin application
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddSocketIO();
        builder.Services.AddLocalCluster();

        var app = builder.Build();
        var io = app.MapSocketIO();
        io.On<string>("say", (socket, text) => io.EmitAsync("said", text).AsTask());       // to the clients of all processes
        // end
        Assert.IsType<LocalBackplane>(app.Services.GetRequiredService<IBackplane>());
        await app.DisposeAsync();
    }

    [Fact]
    public async Task The_folder_and_the_limits_are_options()
    {
        var folder = Directory.CreateTempSubdirectory("sc-").FullName;
        var builder = WebApplication.CreateBuilder();
        // begin options
        builder.Services.AddLocalCluster(options =>
        {
            options.Folder ??= folder;                              // where STARLING_CLUSTER says nothing
            options.MaxMessageBytes = 4 * 1024 * 1024;
            options.MaxQueuedBytes = 16 * 1024 * 1024;
        });
        // end
        await using (var app = builder.Build())
        {
            Assert.False(app.Services.GetRequiredService<IBackplane>().IsAlone);
        }

        Directory.Delete(folder, recursive: true);
    }
}
