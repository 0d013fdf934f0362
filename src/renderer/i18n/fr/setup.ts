/** French: setting up. */
import type { setup as english } from '../en/setup.ts';
import type { Phrases } from '../phrases.ts';

export const setup: Phrases<typeof english> = {
  setup: 'Mise en place',
  'setup.done': '{{done}} étapes sur {{all}} terminées',
  'setup.isDone': 'Fait',
  'setup.upstream': 'Indiquer au relais où se trouve Steeple',
  'setup.upstream.how':
    'Dans Steeple, Administration > Intégrations > Installer > Identification > Afficher donne l’URL SCIM et le jeton (Bearer Token). Configurez-y d’abord le SSO. Le jeton est lu sur l’entrée standard : il ne reste pas dans l’historique du terminal.',
  'setup.source': 'Ajouter une source',
  'setup.source.how':
    'La commande affiche l’adresse et le jeton à coller chez votre fournisseur d’identité. Le jeton n’est montré qu’une fois.',
  'setup.google':
    'Google Workspace permet le SSO avec Steeple, mais pas l’approvisionnement SCIM : il ne peut pas servir de source.',
  'setup.heard': 'Démarrer l’approvisionnement chez le fournisseur',
  'setup.heard.how':
    'Collez-y l’adresse et le jeton, testez la connexion, affectez les groupes et démarrez. En attente du premier envoi : Entra synchronise toutes les 25 à 40 minutes, Okta presque aussitôt.',
  'setup.mapping': 'Lier les groupes aux communautés',
  'setup.mapping.how':
    'Chaque groupe est lié à une communauté et à un rôle. Il est conseillé d’avoir deux groupes par communauté : contributeurs et administrateurs.',
  'setup.enable': 'Lire le plan, puis activer la synchronisation',
  'setup.enable.how': 'Rien n’a encore été écrit dans Steeple. L’aperçu montre tout ce qui le serait.',
  'setup.toWizard': 'Continuer dans Mise en place',
  'setup.toPreview': 'Ouvrir l’aperçu',
};
