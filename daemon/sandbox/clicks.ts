/**
 * The routes of `/administration/integrations`: what each button and form of the page does. The page itself, and what it
 * looks like: integrations.ts. A refused click shows the page again with the reason.
 */
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { roles } from './accounts.ts';
import type { World } from './administration.ts';
import { type GroupRow, integrationsPage, providerIds, style, type View } from './integrations.ts';
import { fold, isActive, Refusal } from './received.ts';

/** A table of links longer than this is searched, not scrolled. */
const shownGroups = 100;

const yes = z.stringbool();
const clicks: Readonly<Record<string, (world: World, form: unknown) => void>> = {
  sso: ({ organization }, form) => organization.configureSso(z.object({ configured: yes }).parse(form).configured),
  install: ({ organization }, form) =>
    organization.install(z.object({ provider: z.enum(providerIds) }).parse(form).provider),
  link: ({ organization }, form) => {
    const { group, ...pair } = z.object({ group: z.string(), community: z.string(), role: z.enum(roles) }).parse(form);
    organization.link(group, pair);
  },
  unlink: ({ organization }, form) => organization.unlink(z.object({ group: z.string() }).parse(form).group),
  sync: ({ organization }, form) => organization.synchronize(z.object({ enabled: yes }).parse(form).enabled),
  invitations: ({ organization }, form) => organization.invite(z.object({ enabled: yes }).parse(form).enabled),
  reassign: ({ organization }, form) => {
    const { from, to } = z.object({ from: z.string(), to: z.string() }).parse(form);
    organization.reassign(from, to);
  },
};

export function clickRoutes(
  world: World,
  identification: () => { scimUrl: string; token: string },
  changed: () => void,
): Router {
  const { directory, organization } = world;

  function viewOf(request: Request, problem: string | undefined): View {
    const { show, q } = request.query;
    const search = typeof q === 'string' ? q : '';
    const users = directory.users.pushed();
    const active = users.filter(isActive).length;
    const groups = [...directory.groups.all()];
    const matching = groups.filter(({ displayName }) => fold(displayName).includes(fold(search)));
    const held = organization.describe();
    return {
      sso: organization.settings.sso,
      installed: organization.settings.installed,
      identification: show === 'identification' ? identification() : undefined,
      received: {
        active,
        inactive: users.length - active,
        groups: groups.length,
        memberships: groups.reduce((sum, { members }) => sum + members.size, 0),
      },
      groups: matching.slice(0, shownGroups).map(({ id, displayName, members }): GroupRow => {
        return { id, displayName, members: members.size, link: organization.linkOf(id) };
      }),
      matching: matching.length,
      search,
      communities: held.communities,
      synchronizing: organization.settings.synchronizing,
      inviting: organization.settings.inviting,
      invitations: held.invitations.length,
      unnamed: organization.unnamed(),
      members: held.people.filter(({ member }) => member).length,
      invisiblePosts: held.posts.filter(({ visible }) => !visible).length,
      problem,
    };
  }
  function show(request: Request, response: Response, problem?: string) {
    response.set({
      'Content-Security-Policy':
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'Cache-Control': 'no-store',
    });
    response.type('html').send(integrationsPage(viewOf(request, problem)));
  }

  const router = express.Router();
  router.get('/style.css', (_request, response) => void response.type('css').send(style));
  router.get('/integrations', (request, response) => show(request, response));
  for (const [action, click] of Object.entries(clicks)) {
    router.post(`/integrations/${action}`, express.urlencoded({ extended: false }), (request, response) => {
      try {
        click(world, request.body);
      } catch (thrown) {
        const problem = thrown instanceof Refusal ? thrown : thrown instanceof z.ZodError ? undefined : thrown;
        if (problem !== undefined && !(problem instanceof Refusal)) throw problem;
        show(request, response.status(problem?.status ?? 400), problem?.message ?? 'The form was not understood');
        return;
      }
      changed();
      response.redirect(303, '/administration/integrations');
    });
  }
  return router;
}
