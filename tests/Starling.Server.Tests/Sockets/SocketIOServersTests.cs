using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public class SocketIOServersTests
{
    [Fact]
    public async Task Whoever_asks_before_there_is_a_server_is_told_what_to_call()
    {
        await using var app = Build();
        var e = Assert.Throws<InvalidOperationException>(app.Services.GetRequiredService<SocketIOServer>);
        Assert.Contains("MapSocketIO", e.Message, StringComparison.Ordinal);
        var io = app.MapSocketIO();
        Assert.Same(io, app.Services.GetRequiredService<SocketIOServer>());
    }

    [Fact]
    public async Task Of_several_servers_each_is_found_by_its_path()
    {
        await using var app = Build();
        var (one, two) = (app.MapSocketIO("/one"), app.MapSocketIO("/two"));
        Assert.Same(one, app.Services.GetRequiredKeyedService<SocketIOServer>("/one"));
        Assert.Same(two, app.Services.GetRequiredKeyedService<SocketIOServer>("/two"));
        Assert.Contains("/one", Assert.Throws<InvalidOperationException>(app.Services.GetRequiredService<SocketIOServer>).Message, StringComparison.Ordinal);
        var e = Assert.Throws<InvalidOperationException>(() => app.Services.GetRequiredKeyedService<SocketIOServer>("/three"));
        Assert.Contains("/one, /two", e.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO();
        return builder.Build();
    }
}
