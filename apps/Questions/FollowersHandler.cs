using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Starling.Server.Channels;

namespace Starling.Apps.Questions;

/// <summary>Lets a visitor read private updates of the questions that the visitor follows, each named by its own topic.</summary>
internal sealed class FollowersHandler(Board board, IHttpContextAccessor requests) : AuthorizationHandler<FollowersRequirement, ChannelRequest>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, FollowersRequirement requirement, ChannelRequest resource)
    {
        if (resource.Action == ChannelAction.Subscribe
            && requests.HttpContext is { } request && Visitors.Find(request) is { } visitor
            && resource.Topics.All(topic => topic == QuestionsApi.AllTopic
                || (QuestionsApi.TryParseTopic(topic, out var question) && board.IsFollowed(question, visitor))))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
