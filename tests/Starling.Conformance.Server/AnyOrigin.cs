using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Starling.Conformance.Server;

internal static class AnyOrigin
{
    public static CorsPolicy Policy { get; } = new CorsPolicyBuilder().AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod().Build();
}
