using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Backplane;
using Starling.Server.Channels;
using Starling.Server.Presence;

namespace Starling.Cluster.Tests.Hosting;

public sealed class ApplicationTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Channels_and_presence_reach_the_other_application_and_its_past_too()
    {
        await using var first = await StartAsync(clusterFirst: true);
        await PublishAsync(first, "before");
        await first.Services.GetRequiredService<IPresence>().JoinAsync("room", "Ann", "{}"u8.ToArray(), cancellationToken: Token);
        await using var second = await StartAsync(clusterFirst: false);
        await using var publications = second.Services.GetRequiredService<IChannelSubscriber>()
            .SubscribeAsync(TopicSelection.Of("news"), Cursor.Start, Token).GetAsyncEnumerator(Token);
        await TestNode.UntilAsync(() => second.Services.GetRequiredService<IPresence>().List("room").Count == 1, "the member is known");
        await PublishAsync(first, "after");
        await PublishAsync(second, "own");
        var texts = new List<string>();
        while (texts.Count < 3)
        {
            Assert.True(await publications.MoveNextAsync().AsTask().WaitAsync(TestNode.Patience, Token));
            texts.Add(System.Text.Encoding.UTF8.GetString(publications.Current.Update.Data.Span));
        }

        Assert.Equal(["after", "before", "own"], texts.Order());
    }

    [Fact]
    public async Task The_cluster_replaces_the_default_wherever_it_is_added_and_may_be_added_twice()
    {
        await using var application = await StartAsync(clusterFirst: true, clusterLast: true);
        Assert.IsType<LocalBackplane>(Assert.Single(application.Services.GetServices<IBackplane>()));
        Assert.Single(_folder.Sockets);
        await application.DisposeAsync();
        Assert.Empty(_folder.Sockets);
    }

    [Fact]
    public async Task An_application_whose_folder_cannot_be_used_does_not_start_and_says_why()
    {
        var exception = await Assert.ThrowsAnyAsync<IOException>(() => StartAsync(clusterFirst: true, folder: "/proc/nothing"));
        Assert.Contains("/proc/nothing", exception.Message, StringComparison.Ordinal);
    }

    private static async Task PublishAsync(WebApplication application, string text) =>
        await application.Services.GetRequiredService<IChannelPublisher>().PublishAsync(new Update("news", text), Token);

    private async Task<WebApplication> StartAsync(bool clusterFirst, bool clusterLast = false, string? folder = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (clusterFirst)
        {
            builder.Services.AddLocalCluster(options => options.Folder = folder ?? _folder.Path);
        }

        builder.Services.AddSocketIO();
        builder.Services.AddChannels(options => options.AllowAnonymousSubscribers = true);
        if (!clusterFirst || clusterLast)
        {
            builder.Services.AddLocalCluster(options => options.Folder = folder ?? _folder.Path);
        }

        var application = builder.Build();
        try
        {
            application.MapSocketIO();
            application.MapChannels();
            await application.StartAsync(Token);
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }
}
