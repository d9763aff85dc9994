namespace Starling.Conformance.Server;

/// <summary>What the Engine.IO protocol suite asks for: every message comes back on its session.</summary>
internal static class EngineProtocolServer
{
    public static Action<WebApplication> Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddEngineIO(options =>
        {
            options.PingInterval = TimeSpan.FromMilliseconds(300);
            options.PingTimeout = TimeSpan.FromMilliseconds(200);
            options.AllowEIO3 = builder.Configuration.GetValue<bool>("eio3");
            options.Cors = AnyOrigin.Policy;
        });
        return app => app.MapEngineIO("/engine.io").OnSession((session, handlers) =>
            handlers.OnMessage((data, isBinary) => Echo.SendAsync(session, data, isBinary)));
    }
}
